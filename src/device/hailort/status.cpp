#include "device/hailort/status.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

using enum StatusClass;

struct Row {
  RawStatus number;
  std::string_view name;
  StatusClass status_class;
  ErrorCode caller_error = ErrorCode::kInternal;  // for kCallerError
  std::string_view advice = {};
};

constexpr std::string_view kSameVersions =
    "driver, library and firmware of HailoRT must have the same version; install the packages of "
    "one version and switch the power off and on";
constexpr std::string_view kOtherGroup =
    "another program holds the device; all that share it must use the same group id, and none "
    "UNIQUE";

// The numbers are the same in every version; 81 is called HAILO_RESOURCE_EXHAUSTED from 5.3 on.
constexpr auto kRows = std::to_array<Row>({
    {0, "HAILO_SUCCESS", kSuccess},
    {1, "HAILO_UNINITIALIZED", kAmbiguous},
    {2, "HAILO_INVALID_ARGUMENT", kCallerError, ErrorCode::kInvalidArgument},
    {3, "HAILO_OUT_OF_HOST_MEMORY", kEvict},
    {4, "HAILO_TIMEOUT", kAmbiguous},
    {5, "HAILO_INSUFFICIENT_BUFFER", kCallerError, ErrorCode::kInvalidArgument},
    {6, "HAILO_INVALID_OPERATION", kCallerError, ErrorCode::kInvalidArgument},
    {7, "HAILO_NOT_IMPLEMENTED", kCallerError, ErrorCode::kUnsupported},
    {8, "HAILO_INTERNAL_FAILURE", kAmbiguous},
    {13, "HAILO_OPEN_FILE_FAILURE", kCallerError, ErrorCode::kNotFound},
    {14, "HAILO_FILE_OPERATION_FAILURE", kCallerError, ErrorCode::kMalformed},
    {15, "HAILO_UNSUPPORTED_CONTROL_PROTOCOL_VERSION", kVersionMismatch, {}, kSameVersions},
    {16, "HAILO_UNSUPPORTED_FW_VERSION", kVersionMismatch, {}, kSameVersions},
    {23, "HAILO_INVALID_FIRMWARE", kVersionMismatch, {}, kSameVersions},
    {26, "HAILO_INVALID_HEF", kCallerError, ErrorCode::kMalformed},
    {28, "HAILO_INTERRUPTED_BY_SIGNAL", kAmbiguous},
    {36, "HAILO_DRIVER_OPERATION_FAILED", kLost},
    {47, "HAILO_OUT_OF_DESCRIPTORS", kEvict},
    {57, "HAILO_SHUTDOWN_EVENT_SIGNALED", kEnded},
    {61, "HAILO_NOT_FOUND", kCallerError, ErrorCode::kNotFound},
    {62, "HAILO_COMMUNICATION_CLOSED", kLost},
    {63, "HAILO_STREAM_ABORT", kLost},
    {65, "HAILO_NOT_AVAILABLE", kCallerError, ErrorCode::kUnsupported},
    {69, "HAILO_NETWORK_GROUP_NOT_ACTIVATED", kAmbiguous},
    {71, "HAILO_OUT_OF_FW_MEMORY", kEvict},
    {72, "HAILO_STREAM_NOT_ACTIVATED", kAmbiguous},
    {73, "HAILO_DEVICE_IN_USE", kBusy, {}, kOtherGroup},
    {74, "HAILO_OUT_OF_PHYSICAL_DEVICES", kBusy, {}, kOtherGroup},
    {75, "HAILO_INVALID_DEVICE_ARCHITECTURE", kCallerError, ErrorCode::kUnsupported},
    {76, "HAILO_INVALID_DRIVER_VERSION", kVersionMismatch, {}, kSameVersions},
    {77, "HAILO_RPC_FAILED", kLost},
    {78, "HAILO_INVALID_SERVICE_VERSION", kVersionMismatch, {}, kSameVersions},
    {79, "HAILO_NOT_SUPPORTED", kCallerError, ErrorCode::kUnsupported},
    {80, "HAILO_NMS_BURST_INVALID_DATA", kAmbiguous},
    {81,
     "HAILO_OUT_OF_HOST_CMA_MEMORY",
     kEvict,
     {},
     "the machine has no contiguous memory (CMA) left, or the device has none"},
    {82, "HAILO_QUEUE_IS_FULL", kBusy},
    {83, "HAILO_DMA_MAPPING_ALREADY_EXISTS", kCallerError, ErrorCode::kInternal},
    {84, "HAILO_CANT_MEET_BUFFER_REQUIREMENTS", kCallerError, ErrorCode::kInvalidArgument},
    {85, "HAILO_DRIVER_INVALID_RESPONSE", kLost},
    {86, "HAILO_DRIVER_INVALID_IOCTL", kVersionMismatch, {}, kSameVersions},
    {87, "HAILO_DRIVER_TIMEOUT", kLost},
    {88, "HAILO_DRIVER_INTERRUPTED", kAmbiguous},
    {89, "HAILO_CONNECTION_REFUSED", kNotThereYet, {}, "the device is still starting"},
    {90, "HAILO_DRIVER_WAIT_CANCELED", kEnded},
    {91, "HAILO_HEF_FILE_CORRUPTED", kCallerError, ErrorCode::kMalformed},
    {92, "HAILO_HEF_NOT_SUPPORTED", kCallerError, ErrorCode::kMalformed},
    {93, "HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE", kCallerError, ErrorCode::kUnsupported},
    {94, "HAILO_INVALID_HEF_USE", kCallerError, ErrorCode::kUnsupported},
    {95, "HAILO_OPERATION_ABORTED", kEnded},
    {96, "HAILO_DEVICE_NOT_CONNECTED", kLost},
    {97, "HAILO_DEVICE_TEMPORARILY_UNAVAILABLE", kBusy},
    {98, "HAILO_LIBUSB_FAILURE", kLost},
});

constexpr bool is_load(Operation operation) {
  return operation == Operation::kLoadTensor || operation == Operation::kLoadText ||
         operation == Operation::kLoadSpeech;
}

const Row* find_row(RawStatus status) {
  const auto* row = std::ranges::find(kRows, status, &Row::number);
  return row == kRows.end() ? nullptr : row;
}

constexpr bool is_generative_load(Operation operation) {
  return operation == Operation::kLoadText || operation == Operation::kLoadSpeech;
}

// While the file of a generative model is sent, everything that the chip finds wrong comes back as
// this, want of memory among it.
constexpr bool is_perhaps_no_room(RawStatus status, Operation operation) {
  return status == 8 && is_generative_load(operation);
}

// Where the operation makes a difference.
StatusClass class_of(const Row& row, Operation operation, std::string_view detail) {
  switch (row.number) {
    case 2:   // no device of this id
    case 36:  // its node is absent or may not be opened
      return operation == Operation::kConnect ? kNotThereYet : row.status_class;
    case 6:  // the bound of 26 core-ops; the KV cache is taken, from 5.3 on
      if (is_load(operation) && detail.find("core-ops") != detail.npos) return kEvict;
      return operation == Operation::kLoadText ? kBusy : row.status_class;
    case 8: return is_load(operation) ? kEvict : row.status_class;
    case 62:  // the KV cache is taken, until 5.2
      return operation == Operation::kLoadText ? kBusy : row.status_class;
    default: return row.status_class;
  }
}

ErrorCode code_of(StatusClass status_class, const Row* row, Operation operation) {
  switch (status_class) {
    case kEvict: return ErrorCode::kDoesNotFit;
    case kBusy: return ErrorCode::kBusy;
    case kLost: return ErrorCode::kDeviceLost;
    case kNotThereYet: return ErrorCode::kUnavailable;
    case kVersionMismatch: return ErrorCode::kVersionMismatch;
    // What a run brings was checked before: the mistake is ours, or the device's.
    case kCallerError:
      return operation == Operation::kRun ? ErrorCode::kInternal : row->caller_error;
    case kEnded: return ErrorCode::kCancelled;
    case kAmbiguous:
      return row != nullptr && row->number == 4 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
    case kSuccess: break;
  }
  return ErrorCode::kInternal;
}

std::string_view advice_for(const Row& row, Operation operation, StatusClass status_class) {
  if (status_class == kBusy && operation == Operation::kLoadText &&
      (row.number == 6 || row.number == 62)) {
    return "another language model holds the device's KV cache, of which there is one";
  }
  if (operation == Operation::kConnect && row.number == 2) {
    return "the device has gone, or is not there yet";
  }
  if (is_perhaps_no_room(row.number, operation)) {
    return "perhaps the device has no room for it, perhaps sending it failed: only the device's "
           "own "
           "log tells";
  }
  return row.advice;
}

}  // namespace

StatusClass classify(RawStatus status, Operation operation, std::string_view detail) {
  const Row* row = find_row(status);
  return row == nullptr ? kAmbiguous : class_of(*row, operation, detail);
}

std::string_view name_of(StatusClass status_class) {
  switch (status_class) {
    case kSuccess: return "success";
    case kEvict: return "evict";
    case kBusy: return "busy";
    case kLost: return "lost";
    case kNotThereYet: return "not there yet";
    case kVersionMismatch: return "version mismatch";
    case kCallerError: return "caller error";
    case kEnded: return "ended";
    case kAmbiguous: return "ambiguous";
  }
  return "ambiguous";
}

std::string status_name(RawStatus status) {
  const Row* row = find_row(status);
  return row == nullptr ? fmt::format("HAILO_STATUS_{}", status) : std::string(row->name);
}

Error to_error(RawStatus status, Operation operation, std::string_view what,
               std::string_view detail) {
  using namespace std::chrono_literals;
  const Row* row = find_row(status);
  const StatusClass status_class = classify(status, operation, detail);
  Error error{code_of(status_class, row, operation),
              fmt::format("{}: {} ({})", what, status_name(status), status)};
  if (!detail.empty()) error.message += fmt::format(", {}", detail);
  const auto advice = row == nullptr ? "" : advice_for(*row, operation, status_class);
  if (!advice.empty()) error.message += fmt::format("; {}", advice);
  if (status_class == kBusy || is_perhaps_no_room(status, operation)) error.retry_after = 1000ms;
  if (status_class == kNotThereYet) error.retry_after = 2000ms;
  return error;
}

}  // namespace npu::device::hailort
