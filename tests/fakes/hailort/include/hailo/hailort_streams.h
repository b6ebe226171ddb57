// Formats and shapes of what goes into and comes out of a model. Included by hailort.h.
#pragma once

typedef enum {
  HAILO_FORMAT_TYPE_AUTO = 0,
  HAILO_FORMAT_TYPE_UINT8 = 1,
  HAILO_FORMAT_TYPE_UINT16 = 2,
  HAILO_FORMAT_TYPE_FLOAT32 = 3,
  HAILO_FORMAT_TYPE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_type_t;

typedef enum {
  HAILO_FORMAT_ORDER_AUTO = 0,
  HAILO_FORMAT_ORDER_NHWC = 1,
  HAILO_FORMAT_ORDER_NHCW = 2,
  HAILO_FORMAT_ORDER_FCR = 3,
  HAILO_FORMAT_ORDER_F8CR = 4,
  HAILO_FORMAT_ORDER_NHW = 5,
  HAILO_FORMAT_ORDER_NC = 6,
  HAILO_FORMAT_ORDER_BAYER_RGB = 7,
  HAILO_FORMAT_ORDER_12_BIT_BAYER_RGB = 8,
  HAILO_FORMAT_ORDER_HAILO_NMS = 9,
  HAILO_FORMAT_ORDER_RGB888 = 10,
  HAILO_FORMAT_ORDER_NCHW = 11,
  HAILO_FORMAT_ORDER_YUY2 = 12,
  HAILO_FORMAT_ORDER_NV12 = 13,
  HAILO_FORMAT_ORDER_NV21 = 14,
  HAILO_FORMAT_ORDER_HAILO_YYUV = 15,
  HAILO_FORMAT_ORDER_HAILO_YYVU = 16,
  HAILO_FORMAT_ORDER_RGB4 = 17,
  HAILO_FORMAT_ORDER_I420 = 18,
  HAILO_FORMAT_ORDER_HAILO_YYYYUV = 19,
  HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK = 20,
  HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP = 21,
  HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS = 22,
  HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE = 23,
  HAILO_FORMAT_ORDER_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_order_t;

typedef enum {
  HAILO_FORMAT_FLAGS_NONE = 0,
  HAILO_FORMAT_FLAGS_QUANTIZED = 1 << 0,
  HAILO_FORMAT_FLAGS_TRANSPOSED = 1 << 1,
  HAILO_FORMAT_FLAGS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_flags_t;

typedef struct {
  hailo_format_type_t type;
  hailo_format_order_t order;
  hailo_format_flags_t flags;
} hailo_format_t;

typedef enum {
  HAILO_H2D_STREAM = 0,
  HAILO_D2H_STREAM = 1,
  HAILO_STREAM_DIRECTION_MAX_ENUM = HAILO_MAX_ENUM
} hailo_stream_direction_t;

typedef enum {
  HAILO_DMA_BUFFER_DIRECTION_H2D = 0,
  HAILO_DMA_BUFFER_DIRECTION_D2H = 1,
  HAILO_DMA_BUFFER_DIRECTION_BOTH = 2,
  HAILO_DMA_BUFFER_DIRECTION_MAX_ENUM = HAILO_MAX_ENUM
} hailo_dma_buffer_direction_t;

typedef struct {
  float32_t qp_zp;
  float32_t qp_scale;
  float32_t limvals_min;
  float32_t limvals_max;
} hailo_quant_info_t;

typedef struct {
  uint32_t height;
  uint32_t width;
  uint32_t features;
} hailo_3d_image_shape_t;

typedef struct {
  uint32_t number_of_classes;
  uint32_t max_bboxes_per_class;
  uint32_t max_bboxes_total;
  uint32_t max_accumulated_mask_size;
} hailo_nms_shape_t;

#pragma pack(push, 1)
typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
  float32_t score;
} hailo_bbox_float32_t;

typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
} hailo_rectangle_t;

typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
  float32_t score;
  uint16_t class_id;
} hailo_detection_t;

typedef struct {
  uint16_t count;
  __extension__ hailo_detection_t detections[0];
} hailo_detections_t;

typedef struct {
  hailo_rectangle_t box;
  float32_t score;
  uint16_t class_id;
  size_t mask_size;
  uint8_t* mask;       // means nothing here; deprecated since 5.2
  size_t mask_offset;  // from the start of the whole output; since 5.2
} hailo_detection_with_byte_mask_t;
#pragma pack(pop)

typedef struct {
  __extension__ union {
    __extension__ struct {
      hailo_3d_image_shape_t shape;
      hailo_3d_image_shape_t hw_shape;
    };
  };
  uint32_t hw_data_bytes;
  uint32_t hw_frame_size;
  hailo_format_t format;
  hailo_stream_direction_t direction;
  uint8_t index;
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_quant_info_t quant_info;
  bool is_mux;
} hailo_stream_info_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  char network_name[HAILO_MAX_NETWORK_NAME_SIZE];
  hailo_stream_direction_t direction;
  hailo_format_t format;
  __extension__ union {
    hailo_3d_image_shape_t shape;
    hailo_nms_shape_t nms_shape;  // where the format's order is one of NMS
  };
  hailo_quant_info_t quant_info;
} hailo_vstream_info_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_GROUP_NAME_SIZE];
  bool is_multi_context;
} hailo_network_group_info_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_NAME_SIZE];
} hailo_network_info_t;
