// The device when it is lost, and what every status makes of a run, a load and a connection.
//
// A lost device is not destroyed, so all tests of this program share one simulated chip.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/status.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

// A lost device's objects are left alone, threads that have ended among them.
extern "C" const char* __tsan_default_options() {  // NOLINT(readability-identifier-naming)
  return "report_thread_leaks=0";
}

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class AdapterLoss : public AdapterTest {
 protected:
  AdapterLoss() : AdapterTest(folder()) {}
  ~AdapterLoss() override { faults(""); }

  static const fakes::TempDir& folder() {
    static const fakes::TempDir dir;
    return dir;
  }

  Status run(TensorModel& model) {
    Tensors tensors(model);
    return model.run(tensors.inputs(), tensors.outputs(), context_);
  }
  // A restarted chip is there again some time later, and unavailable until then.
  void expect_that_it_comes_back() {
    auto opened = try_open();
    for (const auto until = std::chrono::steady_clock::now() + 30s;
         !opened && std::chrono::steady_clock::now() < until; opened = try_open()) {
      EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable) << opened.error().message;
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(opened);
  }
  void expect_lost_for_good(std::unique_ptr<TensorModel> model) {
    faults("");
    EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
    EXPECT_EQ(try_load("again", kPlain).error().code, ErrorCode::kDeviceLost);
    EXPECT_EQ(device().release_group().error().code, ErrorCode::kDeviceLost);
    EXPECT_FALSE(device().telemetry().temperature_celsius);
    leave_behind(std::move(model));
    leave_device_behind();
    EXPECT_TRUE(run(*load("fresh", kPlain)));  // opened anew
  }
  // What is left behind keeps its connections, of which the chip has few; a restart ends them.
  void restart_chip() {
    faults("op: connect, kind: restart");
    EXPECT_FALSE(try_open());
    faults("");
    expect_that_it_comes_back();
  }
};

TEST_F(AdapterLoss, A_chip_that_restarts_is_lost) {
  auto model = load("plain", kPlain);
  faults("op: infer, kind: restart");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  leave_behind(std::move(model));
  leave_device_behind();
  expect_that_it_comes_back();
}

TEST_F(AdapterLoss, A_connection_that_closes_is_lost_for_good) {
  auto model = load("plain", kPlain);
  faults("op: infer, kind: device_lost");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  expect_lost_for_good(std::move(model));
}

TEST_F(AdapterLoss, A_frame_that_never_comes_back_is_a_loss) {
  environment("HAILO_FRAME_TIMEOUT_MS", "100");
  auto model = load("plain", kPlain);
  faults("op: infer, kind: hang");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  expect_lost_for_good(std::move(model));
}

TEST_F(AdapterLoss, A_frame_to_which_the_server_does_not_reply_is_a_loss) {
  environment("HAILO_FRAME_TIMEOUT_MS", "100");
  auto model = load("plain", kPlain);
  faults("op: infer, kind: no_reply");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  expect_lost_for_good(std::move(model));
}

TEST_F(AdapterLoss, A_time_out_of_a_chip_that_does_not_answer_is_a_loss) {
  auto model = load("plain", kPlain);
  faults(
      "op: infer, kind: status, status: 4, times: 0\n"
      "op: connect, model: device, kind: status, status: 89, times: 0");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  expect_lost_for_good(std::move(model));
}

TEST_F(AdapterLoss, A_chip_that_has_no_connection_left_for_the_question_is_there) {
  const auto model = load("plain", kPlain);
  for (const char* refusal : {"73", "74", "82", "97"}) {
    faults(
        "op: infer, kind: status, status: 8, times: 2\n"
        "op: connect, model: device, kind: status, times: 0, status: " +
        std::string(refusal));
    EXPECT_EQ(run(*model).error().code, ErrorCode::kInternal) << refusal;
    EXPECT_TRUE(run(*model)) << refusal;
  }
}

TEST_F(AdapterLoss, Time_outs_one_after_another_are_a_loss) {
  auto model = load("plain", kPlain);
  faults("op: infer, kind: status, status: 4, times: 0");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  expect_lost_for_good(std::move(model));
}

TEST_F(AdapterLoss, A_loss_that_a_reading_shows_is_known_without_a_request) {
  EXPECT_TRUE(device().alive());
  faults("op: telemetry, model: temperature, kind: restart");
  for (const auto until = std::chrono::steady_clock::now() + 30s;
       device().alive() && std::chrono::steady_clock::now() < until;) {
    device().telemetry();
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_FALSE(device().alive());
  EXPECT_EQ(device().alive().error().code, ErrorCode::kDeviceLost);
  leave_device_behind();
  expect_that_it_comes_back();
}

TEST_F(AdapterLoss, A_model_of_a_lost_device_may_still_be_destroyed) {
  auto model = load("plain", kPlain);
  faults("op: infer, kind: device_lost");
  EXPECT_EQ(run(*model).error().code, ErrorCode::kDeviceLost);
  model.reset();
  leave_device_behind();
}

// ---- every row of the table ----

class AdapterStatus : public AdapterLoss, public testing::WithParamInterface<RawStatus> {
 protected:
  // Every time.
  void give_status_to(const std::string& operation) {
    faults("op: " + operation + ", kind: status, status: " + std::to_string(GetParam()) +
           ", times: 0");
  }
  void expect_error(const Error& error, Operation operation) {
    EXPECT_EQ(error.code, to_error(GetParam(), operation, "").code) << error.message;
    EXPECT_THAT(error.message, HasSubstr("(" + std::to_string(GetParam()) + ")"));
    if (error.code == ErrorCode::kDeviceLost) {
      EXPECT_EQ(try_load("again", kPlain).error().code, ErrorCode::kDeviceLost);
      leave_device_behind();
      restart_chip();
    }
  }
};

TEST_P(AdapterStatus, Of_a_run) {
  auto model = load("plain", kPlain);
  give_status_to("infer");
  const auto status = run(*model);
  ASSERT_FALSE(status);
  model.reset();
  expect_error(status.error(), Operation::kRun);
}

TEST_P(AdapterStatus, Of_an_upload) {
  give_status_to("upload");
  const auto model = try_load("plain", kPlain);
  ASSERT_FALSE(model);
  expect_error(model.error(), Operation::kLoadTensor);
}

TEST_P(AdapterStatus, Of_a_connection_of_the_group) {
  device();
  give_status_to("connect, model: vdevice");
  const auto model = try_load("plain", kPlain);
  ASSERT_FALSE(model);
  expect_error(model.error(), Operation::kConnect);
}

TEST_P(AdapterStatus, Of_opening_the_device) {
  give_status_to("connect, model: device");
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  const auto code = to_error(GetParam(), Operation::kConnect, "").code;
  const bool lasts = code == ErrorCode::kVersionMismatch || code == ErrorCode::kBusy ||
                     code == ErrorCode::kUnsupported;
  EXPECT_EQ(opened.error().code, lasts ? code : ErrorCode::kUnavailable) << opened.error().message;
}

TEST_P(AdapterStatus, Of_a_reading_of_a_chip_that_is_well) {
  give_status_to("telemetry, model: temperature");
  EXPECT_FALSE(device().telemetry().temperature_celsius);
  EXPECT_TRUE(run(*load("plain", kPlain)));
}

INSTANTIATE_TEST_SUITE_P(Rows, AdapterStatus,
                         testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 23, 26, 28, 36, 47,
                                         57, 61, 62, 63, 64, 65, 69, 71, 72, 73, 74, 75, 76, 77, 78,
                                         79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93,
                                         94, 95, 96, 97, 98, 1234),
                         [](const testing::TestParamInfo<RawStatus>& row) {
                           return status_name(row.param);
                         });

}  // namespace
}  // namespace npu::device::hailort
