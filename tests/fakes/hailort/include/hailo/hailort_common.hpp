// Sizes of what comes out of non-maximum suppression.
#pragma once

#include <chrono>
#include <cstdint>

#include "hailo/expected.hpp"
#include "hailo/hailort.h"

namespace hailort {

class HAILORTAPI HailoRTCommon final {
 public:
  HailoRTCommon() = delete;

  static uint32_t get_nms_host_frame_size(const hailo_nms_shape_t& nms_shape,
                                          const hailo_format_t& format);
  static constexpr bool is_nms(const hailo_format_order_t& order) {
    return order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS ||
           order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE ||
           order == HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK;
  }
  static constexpr uint8_t get_data_bytes(hailo_format_type_t type) {
    return type == HAILO_FORMAT_TYPE_FLOAT32 ? 4 : type == HAILO_FORMAT_TYPE_UINT16 ? 2 : 1;
  }
};

constexpr std::chrono::milliseconds HAILO_INFINITE_TIMEOUT(UINT32_MAX);

}  // namespace hailort
