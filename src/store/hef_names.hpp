// Names of the formats of a HEF's inputs and outputs, by HailoRT's numbers: its own texts differ
// between versions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace npu::store {

// hailo_format_type_t
inline constexpr std::string_view kHefTypes[] = {"AUTO", "UINT8", "UINT16", "FLOAT32"};

// hailo_format_order_t
inline constexpr std::string_view kHefOrders[] = {
    "AUTO",        "NHWC",         "NHCW",        "FCR",    "F8CR", "NHW",    "NC",
    "BAYER_RGB",   "12_BIT_BAYER", "NMS",         "RGB888", "NCHW", "YUY2",   "NV12",
    "NV21",        "YYUV",         "YYVU",        "RGB4",   "I420", "YYYYUV", "NMS_WITH_BYTE_MASK",
    "NMS_ON_CHIP", "NMS_BY_CLASS", "NMS_BY_SCORE"};

// The number itself where it is newer than the names.
inline std::string hef_name(std::span<const std::string_view> names, std::size_t number) {
  return number < names.size() ? std::string(names[number]) : std::to_string(number);
}

}  // namespace npu::store
