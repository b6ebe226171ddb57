#include <npu/blocking_client.hpp>

#include <cstring>
#include <future>
#include <latch>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "client/client_test_support.hpp"
#include "fakes/fake_manager.hpp"

namespace npu {
namespace {

namespace bj = boost::json;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

// ---- transports ----

class Transports : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Transports, A_tensor_comes_back_unchanged) {
  FakeManager manager({.granted = GetParam()});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  BlockingDeviceClient client(options_for(manager));
  for (const std::int64_t size : {1, 5000, 1'000'000, 5'000'001}) {
    const auto input = counting(client, size);
    for (int i = 0; i < 2; ++i) {  // the second time the size of the result is known
      const auto result = client.infer(kModel, InferInput().tensor("input", input));
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_EQ(result->inference_time_ms, 7);
      EXPECT_TRUE(same_bytes(*result->tensor(), input)) << size;
    }
  }
  EXPECT_EQ(manager.connections(), 1);
}

INSTANTIATE_TEST_SUITE_P(Granted, Transports,
                         testing::Values(kAll, std::vector<std::string>{"shm"},
                                         std::vector<std::string>{"tail"},
                                         std::vector<std::string>{"shm", "tail"},
                                         std::vector<std::string>{}));

TEST(BlockingClient, Version_1_managers_get_plain_base64) {
  FakeManager manager({.knows_hello = false});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      EXPECT_TRUE(request.body.at("input_data").at("input").as_object().contains("data_b64"));
      EXPECT_FALSE(request.body.contains("timeout_ms"));
      self.echo(request);
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto input = counting(client, 100'000);
  const auto result = client.infer(kModel, InferInput().tensor("input", input));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(same_bytes(*result->tensor(), input));
  EXPECT_EQ(client.connect()->server, "");
}

TEST(BlockingClient, The_longest_timeout_is_long) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(ok); });
  BlockingDeviceClient client(options_for(manager));
  const auto pong = client.ping({.timeout = Millis::max()});
  EXPECT_TRUE(pong) << pong.error().message;
}

TEST(BlockingClient, Shared_memory_moves_no_tensor_bytes_through_the_socket) {
  FakeManager manager({.granted = kAll});
  std::vector<std::size_t> sizes;
  manager.always([&](FakeConnection& peer) {
    peer.serve([&](FakeConnection& self, const FakeRequest& request) {
      sizes.push_back(request.payload.bytes.size());
      self.echo(request);
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto input = counting(client, 1'000'000);
  ASSERT_TRUE(input.in_shared_memory());
  ASSERT_TRUE(
      client.infer(kModel, InferInput().tensor("input", input), {.output_bytes = 1'000'000}));
  const auto result = client.infer(kModel, InferInput().tensor("input", input));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->tensor()->in_shared_memory());
  client.close();
  manager.stop();
  for (const auto size : sizes) EXPECT_LT(size, 1000U);
}

TEST(BlockingClient, Held_results_keep_their_memory) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  std::vector<ClientTensor> held;
  {
    BlockingDeviceClient client(options_for(manager));
    for (int i = 0; i < 20; ++i) {
      auto input = *client.allocate(DType::kUint8, {100'000});
      std::memset(input.writable().data(), i, 100'000);
      const auto result = client.infer(kModel, InferInput().tensor("input", input));
      ASSERT_TRUE(result);
      held.push_back(*result->tensor());
    }
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(held[static_cast<std::size_t>(i)].as<std::uint8_t>()[99'999], i);
  }
}

TEST(BlockingClient, A_result_that_outgrew_its_reservation_is_asked_for_again) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  BlockingDeviceClient client(options_for(manager));
  const auto input = counting(client, 100'000);
  const auto result =
      client.infer(kModel, InferInput().tensor("input", input), {.output_bytes = 5000});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(same_bytes(*result->tensor(), input));
}

TEST(BlockingClient, Without_room_in_shared_memory_tensors_are_sent) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  auto options = options_for(manager);
  options.max_shared_bytes = 0;
  BlockingDeviceClient client(options);
  const auto input = counting(client, 1'000'000);
  EXPECT_FALSE(input.in_shared_memory());
  const auto result = client.infer(kModel, InferInput().tensor("input", input));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(same_bytes(*result->tensor(), input));
}

TEST(BlockingClient, Lists_of_tensors_and_plain_fields_arrive) {
  FakeManager manager({.granted = {"tail"}});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      const auto& data = request.body.at("input_data").as_object();
      EXPECT_EQ(data.at("prompt"), "hello");
      EXPECT_EQ(self.tensor(request, data.at("frames").at(1))[1], std::byte{4});
      EXPECT_EQ(request.body.at("priority"), "realtime");
      EXPECT_EQ(request.body.at("keep_alive"), -1.0);
      EXPECT_EQ(request.body.at("pin"), true);
      EXPECT_EQ(request.body.at("model_params").at("k"), 1);
      self.reply(request, {{"result", "a cat"}});
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto frame = [](std::byte a, std::byte b) {
    return ClientTensor::own({DType::kUint8, {2}, {a, b}});
  };
  const auto input = InferInput()
                         .field("prompt", "hello")
                         .tensors("frames", {frame(std::byte{1}, std::byte{2}),
                                             frame(std::byte{3}, std::byte{4})});
  const auto result =
      client.infer({"m", "vlm_chat", bj::object{{"k", 1}}}, input,
                   {.priority = Priority::kRealtime, .keep_alive = -1.0, .pin = true});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result->text(), "a cat");
}

}  // namespace
}  // namespace npu
