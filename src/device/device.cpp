#include "device/device.hpp"

namespace npu::device {

std::string_view name_of(StopReason reason) {
  switch (reason) {
    case StopReason::kEndOfText: return "stop";
    case StopReason::kMaxTokens: return "length";
    case StopReason::kCancelled: return "cancelled";
  }
  return "stop";
}

}  // namespace npu::device
