#include "device/hailort/status.hpp"

#include <array>
#include <ostream>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

using enum StatusClass;
using enum Operation;

constexpr std::array kOperations{kConnect, kLoadTensor, kLoadText, kLoadSpeech, kRun, kReadings};

struct Case {
  RawStatus number;
  std::string_view name;
  StatusClass connect;
  StatusClass tensor;
  StatusClass text;
  StatusClass speech;
  StatusClass run;
  StatusClass readings;
  ErrorCode run_code;
};

std::ostream& operator<<(std::ostream& out, const Case& row) { return out << row.name; }

constexpr Case same(RawStatus number, std::string_view name, StatusClass c, ErrorCode code) {
  return {number, name, c, c, c, c, c, c, code};
}

class StatusTable : public testing::TestWithParam<Case> {};

TEST_P(StatusTable, Says_what_the_number_means_for_each_operation) {
  const Case& row = GetParam();
  const std::array expected{row.connect, row.tensor, row.text, row.speech, row.run, row.readings};
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    EXPECT_EQ(name_of(classify(row.number, kOperations.at(i))), name_of(expected.at(i)))
        << "operation " << i;
  }
  EXPECT_EQ(status_name(row.number), row.name);
  EXPECT_EQ(to_error(row.number, kRun, "x").code, row.run_code);
}

using E = ErrorCode;
INSTANTIATE_TEST_SUITE_P(
    Rows, StatusTable,
    testing::Values(same(0, "HAILO_SUCCESS", kSuccess, E::kInternal),
                    same(1, "HAILO_UNINITIALIZED", kAmbiguous, E::kInternal),
                    Case{2, "HAILO_INVALID_ARGUMENT", kNotThereYet, kCallerError, kCallerError,
                         kCallerError, kCallerError, kCallerError, E::kInternal},
                    same(3, "HAILO_OUT_OF_HOST_MEMORY", kEvict, E::kDoesNotFit),
                    same(4, "HAILO_TIMEOUT", kAmbiguous, E::kUnavailable),
                    same(5, "HAILO_INSUFFICIENT_BUFFER", kCallerError, E::kInternal),
                    Case{6, "HAILO_INVALID_OPERATION", kCallerError, kCallerError, kBusy,
                         kCallerError, kCallerError, kCallerError, E::kInternal},
                    same(7, "HAILO_NOT_IMPLEMENTED", kCallerError, E::kInternal),
                    Case{8, "HAILO_INTERNAL_FAILURE", kAmbiguous, kEvict, kEvict, kEvict,
                         kAmbiguous, kAmbiguous, E::kInternal},
                    same(13, "HAILO_OPEN_FILE_FAILURE", kCallerError, E::kInternal),
                    same(14, "HAILO_FILE_OPERATION_FAILURE", kCallerError, E::kInternal),
                    same(15, "HAILO_UNSUPPORTED_CONTROL_PROTOCOL_VERSION", kVersionMismatch,
                         E::kVersionMismatch),
                    same(16, "HAILO_UNSUPPORTED_FW_VERSION", kVersionMismatch, E::kVersionMismatch),
                    same(23, "HAILO_INVALID_FIRMWARE", kVersionMismatch, E::kVersionMismatch),
                    same(26, "HAILO_INVALID_HEF", kCallerError, E::kInternal),
                    same(28, "HAILO_INTERRUPTED_BY_SIGNAL", kAmbiguous, E::kInternal),
                    Case{36, "HAILO_DRIVER_OPERATION_FAILED", kNotThereYet, kLost, kLost, kLost,
                         kLost, kLost, E::kDeviceLost},
                    same(47, "HAILO_OUT_OF_DESCRIPTORS", kEvict, E::kDoesNotFit),
                    same(57, "HAILO_SHUTDOWN_EVENT_SIGNALED", kEnded, E::kCancelled),
                    same(61, "HAILO_NOT_FOUND", kCallerError, E::kInternal),
                    Case{62, "HAILO_COMMUNICATION_CLOSED", kLost, kLost, kBusy, kLost, kLost, kLost,
                         E::kDeviceLost},
                    same(63, "HAILO_STREAM_ABORT", kLost, E::kDeviceLost),
                    same(65, "HAILO_NOT_AVAILABLE", kCallerError, E::kInternal),
                    same(69, "HAILO_NETWORK_GROUP_NOT_ACTIVATED", kAmbiguous, E::kInternal),
                    same(71, "HAILO_OUT_OF_FW_MEMORY", kEvict, E::kDoesNotFit),
                    same(72, "HAILO_STREAM_NOT_ACTIVATED", kAmbiguous, E::kInternal),
                    same(73, "HAILO_DEVICE_IN_USE", kBusy, E::kBusy),
                    same(74, "HAILO_OUT_OF_PHYSICAL_DEVICES", kBusy, E::kBusy),
                    same(75, "HAILO_INVALID_DEVICE_ARCHITECTURE", kCallerError, E::kInternal),
                    same(76, "HAILO_INVALID_DRIVER_VERSION", kVersionMismatch, E::kVersionMismatch),
                    same(77, "HAILO_RPC_FAILED", kLost, E::kDeviceLost),
                    same(78, "HAILO_INVALID_SERVICE_VERSION", kVersionMismatch,
                         E::kVersionMismatch),
                    same(79, "HAILO_NOT_SUPPORTED", kCallerError, E::kInternal),
                    same(80, "HAILO_NMS_BURST_INVALID_DATA", kAmbiguous, E::kInternal),
                    same(81, "HAILO_OUT_OF_HOST_CMA_MEMORY", kEvict, E::kDoesNotFit),
                    same(82, "HAILO_QUEUE_IS_FULL", kBusy, E::kBusy),
                    same(83, "HAILO_DMA_MAPPING_ALREADY_EXISTS", kCallerError, E::kInternal),
                    same(84, "HAILO_CANT_MEET_BUFFER_REQUIREMENTS", kCallerError, E::kInternal),
                    same(85, "HAILO_DRIVER_INVALID_RESPONSE", kLost, E::kDeviceLost),
                    same(86, "HAILO_DRIVER_INVALID_IOCTL", kVersionMismatch, E::kVersionMismatch),
                    same(87, "HAILO_DRIVER_TIMEOUT", kLost, E::kDeviceLost),
                    same(88, "HAILO_DRIVER_INTERRUPTED", kAmbiguous, E::kInternal),
                    same(89, "HAILO_CONNECTION_REFUSED", kNotThereYet, E::kUnavailable),
                    same(90, "HAILO_DRIVER_WAIT_CANCELED", kEnded, E::kCancelled),
                    same(91, "HAILO_HEF_FILE_CORRUPTED", kCallerError, E::kInternal),
                    same(92, "HAILO_HEF_NOT_SUPPORTED", kCallerError, E::kInternal),
                    same(93, "HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE", kCallerError, E::kInternal),
                    same(94, "HAILO_INVALID_HEF_USE", kCallerError, E::kInternal),
                    same(95, "HAILO_OPERATION_ABORTED", kEnded, E::kCancelled),
                    same(96, "HAILO_DEVICE_NOT_CONNECTED", kLost, E::kDeviceLost),
                    same(97, "HAILO_DEVICE_TEMPORARILY_UNAVAILABLE", kBusy, E::kBusy),
                    same(98, "HAILO_LIBUSB_FAILURE", kLost, E::kDeviceLost)),
    [](const testing::TestParamInfo<Case>& row) { return std::string(row.param.name); });

TEST(Status, The_bound_on_core_ops_is_told_by_the_text_and_asks_for_room) {
  for (const auto operation : {kLoadTensor, kLoadText, kLoadSpeech}) {
    EXPECT_EQ(classify(6, operation, "can't add more core-ops"), kEvict);
  }
  EXPECT_EQ(classify(6, kRun, "can't add more core-ops"), kCallerError);
}

TEST(Status, What_is_wrong_with_a_file_is_no_mistake_of_the_run_that_meets_it) {
  EXPECT_EQ(to_error(26, kLoadTensor, "x").code, ErrorCode::kMalformed);
  EXPECT_EQ(to_error(26, kRun, "x").code, ErrorCode::kInternal);
  EXPECT_EQ(to_error(2, kLoadTensor, "x").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(to_error(61, kLoadTensor, "x").code, ErrorCode::kNotFound);
}

TEST(Status, A_number_from_a_newer_version_is_kept_and_asked_about) {
  EXPECT_EQ(classify(1234, kRun), kAmbiguous);
  EXPECT_EQ(status_name(1234), "HAILO_STATUS_1234");
  EXPECT_EQ(to_error(1234, kRun, "running yolo").message, "running yolo: HAILO_STATUS_1234 (1234)");
}

TEST(Status, An_error_names_what_was_done_the_number_and_what_to_do) {
  const Error error = to_error(74, kConnect, "opening the device", "held by hailo-ollama (812)");
  EXPECT_EQ(error.message.rfind("opening the device: HAILO_OUT_OF_PHYSICAL_DEVICES (74), "
                                "held by hailo-ollama (812); another program",
                                0),
            0U)
      << error.message;
  EXPECT_NE(error.message.find("group id"), std::string::npos);
}

TEST(Status, What_passes_by_itself_says_when_to_try_again) {
  EXPECT_TRUE(to_error(97, kConnect, "x").retry_after);
  EXPECT_TRUE(to_error(89, kConnect, "x").retry_after);
  EXPECT_FALSE(to_error(76, kConnect, "x").retry_after);
  EXPECT_FALSE(to_error(2, kRun, "x").retry_after);
}

TEST(Status, A_device_that_is_not_there_is_waited_for) {
  for (const RawStatus number : {2, 36, 89}) {
    const Error error = to_error(number, kConnect, "opening 0001:01:00.0");
    EXPECT_EQ(error.code, ErrorCode::kUnavailable) << error.message;
    EXPECT_TRUE(error.retry_after);
  }
  EXPECT_NE(to_error(2, kConnect, "x").message.find("not there yet"), std::string::npos);
}

TEST(Status, What_breaks_off_the_sending_of_a_generative_model_is_perhaps_a_lack_of_room) {
  for (const auto operation : {kLoadText, kLoadSpeech}) {
    const Error error = to_error(8, operation, "loading");
    EXPECT_EQ(error.code, ErrorCode::kDoesNotFit);
    EXPECT_TRUE(error.retry_after);
    EXPECT_NE(error.message.find("perhaps"), std::string::npos) << error.message;
    EXPECT_FALSE(to_error(3, operation, "loading").retry_after);
  }
  EXPECT_FALSE(to_error(8, kLoadTensor, "loading").retry_after);
}

TEST(Status, A_taken_KV_cache_is_named_in_both_of_its_forms) {
  for (const RawStatus number : {6, 62}) {
    const Error error = to_error(number, kLoadText, "loading qwen");
    EXPECT_EQ(error.code, ErrorCode::kBusy);
    EXPECT_NE(error.message.find("KV cache"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace npu::device::hailort
