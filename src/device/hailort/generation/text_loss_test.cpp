// Language models on a chip that goes away, against the fake of HailoRT. What is left of them stays
// until the program ends: so these are in a program of their own, the one that keeps the chip last.
#include <gmock/gmock.h>

#include "device/hailort/generation/text_test_support.hpp"

// A lost device's objects are left alone, threads that have ended among them.
extern "C" const char* __tsan_default_options() {  // NOLINT(readability-identifier-naming)
  return "report_thread_leaks=0";
}

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

TEST_F(HailortText, The_chip_that_restarts_during_an_answer_is_lost) {
  auto model = load_impatient("talker", {.read = 50ms});
  fault("[{op: read, kind: restart, after: 3}]");
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDeviceLost);
  EXPECT_TRUE(chip_->lost());
  EXPECT_EQ(load_text_model(chip_, file("talker"), context_).error().code, ErrorCode::kDeviceLost);
  model.reset();
}

TEST_F(HailortText, The_chip_that_restarts_during_a_load_is_lost) {
  fault("[{op: load, kind: restart}]");
  const auto model = load_text_model(chip_, file("talker"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDeviceLost);
}

TEST_F(HailortText, A_chip_that_hangs_is_given_up_in_its_time_and_its_objects_are_left_alone) {
  auto model = load_impatient("talker", {.read = 20ms, .prefill = 200ms, .step = 200ms});
  fault("[{op: read, kind: hang, after: 2}]");
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(done.error().message, StartsWith("no token came from the device"));
  EXPECT_TRUE(chip_->lost());
  model.reset();
}

}  // namespace
}  // namespace npu::device::hailort
#include "device/hailort/generation/text_load.hpp"
