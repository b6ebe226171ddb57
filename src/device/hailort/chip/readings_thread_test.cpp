#include "device/hailort/chip/readings_thread.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;

class ReadingsOfChip : public AdapterTest {
 protected:
  void SetUp() override { chip_ = Chip::open({}).value(); }
  // Does `question` until it says true; false where it never does.
  template <class Question>
  static bool soon(const Question& question) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!question()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  std::shared_ptr<Chip> chip_;
};

TEST_F(ReadingsOfChip, The_memory_in_use_is_that_of_this_moment_however_young_the_last_reading_is) {
  ReadingsThread readings(chip_);
  EXPECT_TRUE(readings.latest().memory_used_bytes);
  const auto before = readings.memory_used(context_);
  const auto model = load("plain", std::string(kPlain) + "size_mb: 100\n");
  const auto after = readings.memory_used(context_);
  ASSERT_TRUE(before && after);
  EXPECT_NEAR(static_cast<double>(*after - *before), 100e6, 4096);
}

TEST_F(ReadingsOfChip, Nobody_waits_again_for_a_chip_that_did_not_answer) {
  environment("HAILO_FAKE_TIME_SCALE", "1");  // the library waits longer than the chip takes
  ReadingsThread readings(chip_);
  faults("op: telemetry, model: performance, kind: slow, delay_ms: 4500");
  EXPECT_FALSE(readings.memory_used(context_));
  bool waited = false;
  context_.meanwhile = [&] { waited = true; };
  EXPECT_FALSE(readings.memory_used(context_));
  EXPECT_FALSE(waited);
  EXPECT_TRUE(soon([&] { return readings.memory_used(context_).has_value(); }));
}

TEST_F(ReadingsOfChip, A_memory_that_cannot_be_read_is_not_the_last_one) {
  ReadingsThread readings(chip_);
  EXPECT_TRUE(readings.memory_used(context_));
  faults("op: telemetry, model: performance, kind: status, status: 8");
  EXPECT_FALSE(readings.memory_used(context_));
  EXPECT_TRUE(readings.memory_used(context_));
}

TEST_F(ReadingsOfChip, A_connection_that_is_long_of_no_use_is_closed) {
  ReadingsThread kept(chip_);
  ReadingsThread closed(chip_, 1ms);
  EXPECT_TRUE(kept.memory_used(context_));
  EXPECT_TRUE(closed.memory_used(context_));
  faults("op: connect, model: device, kind: status, status: 97, times: 0");
  EXPECT_TRUE(soon([&] { return !closed.memory_used(context_); }));
  EXPECT_TRUE(kept.memory_used(context_));
}

}  // namespace
}  // namespace npu::device::hailort
