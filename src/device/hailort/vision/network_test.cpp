#include "device/hailort/vision/network.hpp"

#include <filesystem>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "device/hailort/hef/hef_source.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

class NetworkTest : public AdapterTest {
 protected:
  void SetUp() override {
    environment("HAILO_FAKE_TIME_SCALE", "1");  // the library waits longer than the chip takes
    chip_ = Chip::open({}).value();
    source_ = HefSource::open(hef("plain", std::string(kPlain) + "run_ms: 1000000\n")).value();
    ASSERT_TRUE(source_->parse(chip_->identity()));
    connection_ = chip_->vision_connection().value();
    model_ = source_->create_model(connection_->vdevice(), "").release();
    ports_ = choose_ports(*model_, {}).value();
    network_ = Network::configure(*model_, ports_, connection_).value();
  }

  std::shared_ptr<Chip> chip_;
  std::optional<HefSource> source_;
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<sdk::InferModel> model_;
  TensorPorts ports_;
  std::shared_ptr<Network> network_;
};

TEST_F(NetworkTest, Whoever_shuts_down_finds_everything_ended_also_where_another_does_it) {
  auto* slot = network_->take_slot();
  ASSERT_NE(slot, nullptr);
  const auto input = slot->input(0, 0).first(ports_.inputs[0].wire_bytes);
  ASSERT_EQ(network_->bind_input(*slot, 0, 0, input), HAILO_SUCCESS);
  const auto output = slot->output(0, 0).first(ports_.outputs[0].wire_bytes);
  ASSERT_EQ(network_->bind_output(*slot, 0, 0, output), HAILO_SUCCESS);
  const auto flight = std::make_shared<Flight>(1);
  ASSERT_EQ(network_->launch(*slot, flight), HAILO_SUCCESS);

  // What comes after it on this connection takes its time.
  faults("op: telemetry, model: identify, kind: slow, delay_ms: 500");
  std::thread slow([&] {
    const auto devices = connection_->vdevice().get_physical_devices();
    EXPECT_TRUE(devices->front().get().identify().has_value());
  });
  while (!std::filesystem::exists(dir_.path("faults.yaml.fired"))) std::this_thread::yield();
  const auto shut_down = [&] {
    EXPECT_EQ(network_->shut_down(), HAILO_SUCCESS);
    EXPECT_TRUE(flight->wait_until(std::chrono::steady_clock::now()));
  };
  std::thread other(shut_down);
  shut_down();
  other.join();
  slow.join();
  network_->give_back(slot);
}

TEST_F(NetworkTest, Has_the_highest_priority_of_the_runs_under_way) {
  const auto updated = [&] {
    EXPECT_EQ(network_->update_priority(), HAILO_SUCCESS);
    EXPECT_TRUE(network_->priority_is_right());
    return network_->priority();
  };
  EXPECT_EQ(network_->priority(), 16);
  network_->enter(10);
  EXPECT_FALSE(network_->priority_is_right());
  EXPECT_EQ(updated(), 10);
  network_->enter(20);
  network_->enter(10);
  EXPECT_EQ(updated(), 20);
  network_->leave(20);
  EXPECT_FALSE(network_->priority_is_right());
  EXPECT_EQ(updated(), 10);
  network_->leave(10);
  network_->leave(10);
  EXPECT_EQ(updated(), 16);
}

TEST_F(NetworkTest, After_a_frame_that_failed_no_more_are_given_to_the_chip) {
  const auto launch = [&](Network::Slot& slot, const std::shared_ptr<Flight>& flight) {
    (void)network_->bind_input(slot, 0, 0, slot.input(0, 0).first(ports_.inputs[0].wire_bytes));
    (void)network_->bind_output(slot, 0, 0, slot.output(0, 0).first(ports_.outputs[0].wire_bytes));
    return network_->launch(slot, flight);
  };
  faults("op: infer, model: plain, kind: device_lost");
  const auto first = std::make_shared<Flight>(1);
  ASSERT_EQ(launch(*network_->take_slot(), first), HAILO_SUCCESS);
  ASSERT_TRUE(first->wait_until(std::chrono::steady_clock::now() + std::chrono::seconds(5)));
  EXPECT_EQ(first->status(), HAILO_COMMUNICATION_CLOSED);
  const auto second = std::make_shared<Flight>(1);
  EXPECT_EQ(launch(*network_->take_slot(), second), HAILO_STREAM_ABORT);
  EXPECT_EQ(second->status(), HAILO_SUCCESS);  // it never left
  EXPECT_TRUE(network_->dead());
}

}  // namespace
}  // namespace npu::device::hailort
