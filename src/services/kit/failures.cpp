#include "services/kit/failures.hpp"

#include <string_view>

#include "store/pull_command.hpp"

namespace npu::kit {
namespace {

// Of what the manager says of a model file, the command that brings it: no path of this machine.
std::string not_available(const Error& error) {
  const std::string_view command = store::pull_command_in(error.message);
  std::string text = "the model is not available";
  if (!command.empty()) text.append("; ").append(command).append(" brings it");
  return text;
}

}  // namespace

Error being_loaded() {
  return {ErrorCode::kUnavailable, "the model is being loaded", std::chrono::seconds(1)};
}

Error error_for_client(const Error& error) {
  constexpr Millis kSoon = std::chrono::seconds(1);
  switch (error.code) {
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kOverloaded:
    case ErrorCode::kBusy:
      return {ErrorCode::kOverloaded, "the device has too much to do",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kCancelled: return error;
    case ErrorCode::kUnavailable:
      return {ErrorCode::kUnavailable, "the device manager or its model is not available",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kDeviceLost:
      return {ErrorCode::kDeviceLost, "the device was lost during the inference",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:
    case ErrorCode::kDoesNotFit:
    case ErrorCode::kUnsupported:
    case ErrorCode::kMalformed:
    case ErrorCode::kVersionMismatch:
      return {ErrorCode::kUnavailable, not_available(error),
              error.retry_after.value_or(std::chrono::seconds(10))};
    default: return {ErrorCode::kInternal, "the inference failed"};
  }
}

const char* what_is_gone(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable: return "manager_unavailable";
    case ErrorCode::kDeviceLost:
    case ErrorCode::kVersionMismatch: return "device_unavailable";
    case ErrorCode::kInvalidArgument:  // our input: the model is not the one that was loaded
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:
    case ErrorCode::kDoesNotFit:
    case ErrorCode::kUnsupported:
    case ErrorCode::kMalformed: return kModelLoading;
    default: return nullptr;
  }
}

}  // namespace npu::kit
