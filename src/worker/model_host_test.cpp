// What the host does with its device, seen from both sides.
#include "worker/model_host.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/unix_socket.hpp"
#include "fakes/fake_device.hpp"
#include "wire/tensor_json.hpp"
#include "worker/manager_end_test_support.hpp"
#include "worker/worker_messages_test_support.hpp"

namespace npu::worker {
namespace {

namespace json = boost::json;

class ModelHostTest : public testing::Test {
 protected:
  ModelHostTest() : ModelHostTest(unix_pair().value()) {}
  explicit ModelHostTest(std::pair<UniqueFd, UniqueFd> pair)
      : manager_(std::move(pair.first)), link_(std::move(pair.second)), turn_(link_.turn()) {
    device_.tensor_models["m.hef"] = {.inputs = {{"in", DType::kUint8, {2, 2, 3}}},
                                      .outputs = {{"out", DType::kFloat32, {2, 2, 1}}}};
  }

  Status handle_next() { return host_.handle(*link_.next().value()); }
  void load() {
    manager_.send(load_message(1, "m", "depth", "m.hef"));
    ASSERT_TRUE(handle_next());
    ASSERT_EQ(code_of(manager_.receive()), "no error");
    memory_ = manager_.region(1, 4096);
    ASSERT_TRUE(handle_next());
  }
  json::object infer(int job) {
    return infer_message(job, "m",
                         {{"input", wire::region_tensor(DType::kUint8, {2, 2, 3}, 1, 0)}});
  }

  fakes::FakeDevice device_;
  ManagerEnd manager_;
  Link link_;
  std::unique_lock<Turn> turn_;
  ModelHost host_{link_, device_};
  SharedMemory memory_;
};

TEST_F(ModelHostTest, A_run_has_the_class_of_its_request) {
  std::vector<Priority> seen;
  device_.tensor_models["m.hef"].before = [&](device::RunContext& context) -> Status {
    seen.push_back(context.priority());
    return {};
  };
  load();
  auto message = infer(2);
  for (const char* priority : {"realtime", "interactive", "batch"}) {
    message["priority"] = priority;
    manager_.send(message);
    ASSERT_TRUE(handle_next());
  }
  EXPECT_EQ(seen, (std::vector{Priority::kRealtime, Priority::kInteractive, Priority::kBatch}));
  message["priority"] = "urgent";
  manager_.send(message);
  EXPECT_EQ(link_.next().error().code, ErrorCode::kMalformed);
}

TEST_F(ModelHostTest, The_device_is_told_of_memory_that_it_may_keep_and_before_it_is_unmapped) {
  load();
  ASSERT_EQ(device_.kept.size(), 1U);
  EXPECT_EQ(device_.kept[0].size(), 4096U);
  manager_.send(json::object{{"op", "drop_region"}, {"region", 9}});
  ASSERT_TRUE(handle_next());
  EXPECT_TRUE(device_.forgotten.empty());
  manager_.send(json::object{{"op", "drop_region"}, {"region", 1}});
  ASSERT_TRUE(handle_next());
  ASSERT_EQ(device_.forgotten.size(), 1U);
  EXPECT_EQ(device_.forgotten[0].data(), device_.kept[0].data());
  EXPECT_EQ(device_.forgotten[0].size(), 4096U);
}

// A region whose owner has seen to it that nobody can map it.
UniqueFd hopeless(std::size_t bytes) {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(bytes)), 0);
  EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE), 0);
  return fd;
}

TEST_F(ModelHostTest, A_region_that_cannot_be_mapped_costs_only_the_requests_that_name_it) {
  load();
  const json::object region{{"op", "region"}, {"region", 2}, {"size", 4096}};
  manager_.send(region, hopeless(4096).get());
  ASSERT_TRUE(handle_next());
  auto told = manager_.receive();
  EXPECT_EQ(told.at("op"), "region_failed");
  EXPECT_EQ(told.at("region").to_number<int>(), 2);
  EXPECT_EQ(code_of(told), "invalid_argument");

  auto names_it =
      infer_message(2, "m", {{"input", wire::region_tensor(DType::kUint8, {2, 2, 3}, 2, 0)}});
  manager_.send(names_it);
  ASSERT_TRUE(handle_next());
  EXPECT_EQ(code_of(manager_.receive()), "invalid_argument");
  auto writes_to_it = infer(3);
  writes_to_it["output"] = json::object{{"region", 2}, {"offset", 0}, {"size", 4096}};
  manager_.send(writes_to_it);
  ASSERT_TRUE(handle_next());
  EXPECT_EQ(code_of(manager_.receive()), "invalid_argument");
  manager_.send(infer(4));
  ASSERT_TRUE(handle_next());
  EXPECT_EQ(code_of(manager_.receive()), "no error");

  const auto memory = SharedMemory::create(4096).value();
  manager_.send(region, memory.fd());
  ASSERT_TRUE(handle_next());
  manager_.send(names_it);
  ASSERT_TRUE(handle_next());
  EXPECT_EQ(code_of(manager_.receive()), "no error") << "it was sent again";
}

TEST_F(ModelHostTest, A_loss_that_only_readings_show_is_told_as_well) {
  device_.lost = Error{ErrorCode::kDeviceLost, "gone"};
  manager_.send(json::object{{"op", "telemetry"}, {"job", 2}});
  EXPECT_EQ(handle_next().error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(manager_.receive().at("op"), "lost");
}

TEST_F(ModelHostTest, The_loss_of_the_device_is_told_instead_of_an_answer_and_ends_it) {
  device_.tensor_models["m.hef"].before = [](device::RunContext&) -> Status {
    return fail(ErrorCode::kDeviceLost, "HAILO_COMMUNICATION_CLOSED (62)");
  };
  load();
  manager_.send(infer(2));
  const Status handled = handle_next();
  ASSERT_FALSE(handled);
  EXPECT_EQ(handled.error().code, ErrorCode::kDeviceLost);
  const auto message = manager_.receive();
  EXPECT_EQ(message.at("op"), "lost");
  EXPECT_EQ(code_of(message), "device_lost");
  EXPECT_EQ(message.at("error").at("message"), "HAILO_COMMUNICATION_CLOSED (62)");
}

TEST_F(ModelHostTest, What_is_kept_for_a_client_is_dropped_when_it_is_gone) {
  device_.text_models["c.hef"] = {.frame = std::nullopt, .pieces = {" yes"}};
  manager_.send(load_message(1, "c", "llm", "c.hef"));
  ASSERT_TRUE(handle_next());
  ASSERT_EQ(code_of(manager_.receive()), "no error");
  const auto turn = [&](int job, const char* prompt, json::object more) {
    more["prompt"] = prompt;
    auto message = infer_message(job, "c", std::move(more));
    message["client"] = 7;
    message["user"] = 1000;
    manager_.send(message);
    ASSERT_TRUE(handle_next());
    while (manager_.receive().at("op") != "done") {
    }
  };
  turn(2, "q1", {{"keep_context", true}});
  turn(3, "q1 yes q2", {{"context", 1}, {"keep_context", true}});
  EXPECT_EQ(device_.prompts.back().text, " q2");
  manager_.send(json::object{{"op", "forget"}, {"client", 7}});
  ASSERT_TRUE(handle_next());
  turn(4, "q1 yes q2 yes q3", {{"context", 1}});
  EXPECT_EQ(device_.prompts.back().text, "q1 yes q2 yes q3");
}

}  // namespace
}  // namespace npu::worker
