#include "hailo/hailort.h"

#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"

#include "settings.hpp"

hailo_status hailo_get_library_version(hailo_version_t* version) {
  if (version == nullptr) return HAILO_INVALID_ARGUMENT;
  const auto known = hailo_fake::Settings::from_environment().version;
  *version = {static_cast<uint32_t>(known.major), static_cast<uint32_t>(known.minor),
              static_cast<uint32_t>(known.revision)};
  return HAILO_SUCCESS;
}

const char* hailo_get_status_message(hailo_status status) {
  switch (status) {
#define HAILO_FAKE_STATUS_MESSAGE(number, name) \
  case number: return #name;
    HAILO_FAKE_STATUS_LIST(HAILO_FAKE_STATUS_MESSAGE)
#undef HAILO_FAKE_STATUS_MESSAGE
    default: return nullptr;
  }
}

hailo_status hailo_init_vdevice_params(hailo_vdevice_params_t* params) {
  if (params == nullptr) return HAILO_INVALID_ARGUMENT;
  *params = hailort::HailoRTDefaults::get_vdevice_params();
  return HAILO_SUCCESS;
}

namespace hailort {

hailo_vdevice_params_t HailoRTDefaults::get_vdevice_params() {
  return {.device_count = HAILO_DEFAULT_DEVICE_COUNT,
          .device_ids = nullptr,
          .scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN,
          .group_id = HAILO_DEFAULT_VDEVICE_GROUP_ID,
          .multi_process_service = false};
}

uint32_t HailoRTCommon::get_nms_host_frame_size(const hailo_nms_shape_t& nms_shape,
                                                const hailo_format_t& format) {
  constexpr uint32_t kCount = sizeof(uint16_t);
  if (format.order == HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK) {
    return kCount +
           nms_shape.max_bboxes_total *
               static_cast<uint32_t>(sizeof(hailo_detection_with_byte_mask_t)) +
           nms_shape.max_accumulated_mask_size;
  }
  if (format.order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE) {
    return kCount + nms_shape.max_bboxes_total * static_cast<uint32_t>(sizeof(hailo_detection_t));
  }
  constexpr uint32_t kBoxValues = sizeof(hailo_bbox_float32_t) / sizeof(float32_t);
  return nms_shape.number_of_classes * (1 + kBoxValues * nms_shape.max_bboxes_per_class) *
         get_data_bytes(format.type);
}

}  // namespace hailort
