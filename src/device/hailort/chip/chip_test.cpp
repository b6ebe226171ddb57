#include "device/hailort/chip/chip.hpp"

#include <gtest/gtest.h>

#include "device/hailort/chip/readings_thread.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

class ChipTest : public AdapterTest {
 protected:
  void SetUp() override { chip_ = Chip::open({}).value(); }
  ErrorCode time_out(Operation operation) {
    return chip_->error_of(HAILO_TIMEOUT, operation, "waiting").code;
  }

  std::shared_ptr<Chip> chip_;
};

TEST_F(ChipTest, Time_outs_are_a_loss_where_nothing_goes_well_between_them) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kUnavailable);
    EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kUnavailable);
    chip_->went_well(Operation::kRun);
  }
  EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kUnavailable);
  EXPECT_EQ(time_out(Operation::kLoadTensor), ErrorCode::kUnavailable);
  EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kDeviceLost);
}

TEST_F(ChipTest, Readings_that_are_missed_now_and_then_are_no_loss) {
  ReadingsThread readings(chip_);
  for (int i = 0; i < 4; ++i) {
    faults("op: telemetry, model: temperature, kind: status, status: 4");
    EXPECT_TRUE(readings.memory_used(context_));
    EXPECT_TRUE(readings.memory_used(context_));
  }
  EXPECT_TRUE(chip_->alive());
}

TEST_F(ChipTest, A_reading_does_not_excuse_runs_that_time_out) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kUnavailable);
    EXPECT_TRUE(ReadingsThread(chip_).memory_used(context_));
  }
  EXPECT_EQ(time_out(Operation::kRun), ErrorCode::kDeviceLost);
}

TEST_F(ChipTest, One_model_more_shares_the_connection_that_has_the_fewest) {
  std::vector<std::shared_ptr<Connection>> connections;
  connections.reserve(kVisionConnections);
  for (std::size_t i = 0; i < kVisionConnections; ++i) {
    connections.push_back(chip_->vision_connection().value());
  }
  const auto few = connections[1];
  const std::vector<std::shared_ptr<Connection>> others{connections[0], connections[0],
                                                        connections[2], connections[2],
                                                        connections[3], connections[3]};
  EXPECT_EQ(chip_->vision_connection().value(), few);
}

}  // namespace
}  // namespace npu::device::hailort
