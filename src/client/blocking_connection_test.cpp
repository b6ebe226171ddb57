#include <cstring>
#include <future>
#include <latch>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include <npu/blocking_client.hpp>

#include "client/client_test_support.hpp"
#include "fakes/fake_manager.hpp"

namespace npu {
namespace {

namespace bj = boost::json;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

// ---- the connection ----

TEST(BlockingClient, A_missing_socket_says_what_to_do) {
  BlockingDeviceClient client(
      {.socket_path = "/nonexistent/device.sock", .connect_patience = Millis{0}});
  const auto pong = client.ping();
  ASSERT_FALSE(pong);
  EXPECT_EQ(pong.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(pong.error().message.find("/nonexistent/device.sock"), std::string::npos);
}

TEST(BlockingClient, Patience_bridges_a_restart_of_the_manager) {
  FakeManager manager;
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) { self.reply(request); });
  });
  auto options = options_for(manager);
  options.connect_patience = Millis::max();
  BlockingDeviceClient client(options);
  ASSERT_TRUE(client.ping());
  manager.stop();
  std::latch calling(1);
  auto pong = std::async(std::launch::async, [&] {
    calling.count_down();
    return client.ping();
  });
  calling.wait();
  manager.start();
  EXPECT_TRUE(pong.get());
  EXPECT_EQ(manager.connections(), 2);
}

TEST(BlockingClient, An_infer_that_was_not_sent_is_repeated_after_a_restart) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  BlockingDeviceClient client(options_for(manager));
  const auto input = counting(client, 100'000);
  ASSERT_TRUE(client.infer(kModel, InferInput().tensor("input", input)));
  manager.stop();
  manager.start();
  const auto result = client.infer(kModel, InferInput().tensor("input", input));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(same_bytes(*result->tensor(), input));
}

TEST(BlockingClient, An_infer_that_was_sent_is_not_repeated) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.next();  // takes the request and dies
  });
  int second = 0;
  manager.always([&](FakeConnection& peer) {
    peer.serve([&](FakeConnection& self, const FakeRequest& request) {
      ++second;
      self.echo(request);
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto result = client.infer(kModel, InferInput().field("input", 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDeviceLost);
  ASSERT_TRUE(client.infer(kModel, InferInput().tensor("input", counting(client, 10))));
  client.close();
  manager.stop();
  EXPECT_EQ(second, 1);
}

TEST(BlockingClient, Idempotent_requests_are_repeated_once_and_not_twice) {
  FakeManager manager;
  const auto die = [](FakeConnection& peer) {
    peer.greet();
    peer.next();
  };
  manager.expect(die);
  manager.expect([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      self.reply(request, {{"message", "Model loaded"}});
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto loaded = client.load_model(kModel);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->message, "Model loaded");
  client.close();
  manager.expect(die).expect(die).always(die);
  const auto status = client.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(manager.connections(), 4);
}

TEST(BlockingClient, Memory_that_a_lost_manager_may_still_write_is_not_used_again) {
  FakeManager manager({.granted = kAll});
  std::vector<SharedMemory> still_mapped;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    auto registration = peer.next();
    still_mapped.push_back(*SharedMemory::adopt(
        UniqueFd(::dup(registration->fds.front().get())),
        registration->body.at("size").to_number<std::size_t>(), std::size_t{1} << 30));
    peer.accept_region(*registration);
    peer.next();
  });
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  BlockingDeviceClient client(options_for(manager));
  const auto lost = client.infer(kModel, InferInput().field("input", 1), {.output_bytes = 50'000});
  ASSERT_FALSE(lost);
  const auto input = counting(client, 50'000);
  const auto result =
      client.infer(kModel, InferInput().tensor("input", input), {.output_bytes = 50'000});
  ASSERT_TRUE(result) << result.error().message;
  std::memset(still_mapped.at(0).bytes().data(), 0xAA, still_mapped.at(0).size());
  EXPECT_TRUE(same_bytes(*result->tensor(), input));
}

// ---- ending early ----

TEST(BlockingClient, A_deadline_cancels_and_leaves_the_connection_usable) {
  FakeManager manager({.granted = kAll});
  std::promise<bj::value> cancelled;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    auto infer = *peer.next();
    auto cancel = *peer.next();
    cancelled.set_value(cancel.body.at("request_id_to_cancel"));
    EXPECT_EQ(cancel.body.at("request_id_to_cancel"), infer.body.at("request_id"));
    peer.refuse(infer, "cancelled", "cancelled");
    peer.reply(cancel, {{"cancelled", true}});
    peer.reply(*peer.next(), {{"queue_depth", 1}});
    peer.next();
  });
  BlockingDeviceClient client(options_for(manager));
  ASSERT_TRUE(client.connect());
  const auto late = client.infer(kModel, InferInput().field("input", 1), {.timeout = Millis{1}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(late.error().message, "Request timeout");
  cancelled.get_future().wait();
  const auto pong = client.ping();
  ASSERT_TRUE(pong) << pong.error().message;
  EXPECT_EQ(pong->queue_depth, 1U);
  EXPECT_EQ(manager.connections(), 1);
}

TEST(BlockingClient, A_late_result_does_not_overwrite_memory_in_use) {
  FakeManager manager({.granted = kAll});
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    auto registration = *peer.next();
    peer.accept_region(registration);
    peer.reply(*peer.next(), {{"result", 1}});
    auto first = *peer.next();
    auto cancel = *peer.next();
    auto second = *peer.next();
    EXPECT_NE(first.body.at("output").at("offset"), second.body.at("output").at("offset"));
    peer.reply(cancel, {{"cancelled", false}});
    peer.refuse(first, "cancelled", "cancelled");
    peer.refuse(second, "internal", "enough");
    peer.next();
  });
  BlockingDeviceClient client(options_for(manager));
  const auto input = InferInput().field("input", 1);
  ASSERT_TRUE(client.infer(kModel, input, {.output_bytes = 10'000}));
  EXPECT_FALSE(client.infer(kModel, input, {.timeout = Millis{1}, .output_bytes = 10'000}));
  const auto second = client.infer(kModel, input, {.output_bytes = 10'000});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "enough");
}

TEST(BlockingClient, A_deadline_drops_the_connection_where_nothing_can_be_cancelled) {
  FakeManager manager;
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.next();
    EXPECT_FALSE(peer.next());  // the client hung up
  });
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) { self.reply(request); });
  });
  BlockingDeviceClient client(options_for(manager));
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(client.status({.timeout = Millis{1}}).error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(client.ping());
}

TEST(BlockingClient, A_stop_token_ends_a_call) {
  FakeManager manager({.granted = kAll});
  std::stop_source source;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    peer.next();
    source.request_stop();
    EXPECT_EQ(peer.next()->action(), "cancel");
  });
  BlockingDeviceClient client(options_for(manager));
  const auto result =
      client.infer(kModel, InferInput().field("input", 1), {.stop = source.get_token()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(client.ping({.stop = source.get_token()}).error().code, ErrorCode::kCancelled);
}

TEST(BlockingClient, Waiting_for_a_turn_ends_with_the_deadline) {
  FakeManager manager({.granted = kAll});
  std::latch running(1);
  std::promise<void> finish;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    auto request = *peer.next();
    running.count_down();
    finish.get_future().wait();
    peer.reply(request, {{"result", 1}});
    peer.next();
  });
  BlockingDeviceClient client(options_for(manager));
  auto first = std::async(std::launch::async,
                          [&] { return client.infer(kModel, InferInput().field("input", 1)); });
  running.wait();
  EXPECT_EQ(client.ping({.timeout = Millis{1}}).error().code, ErrorCode::kDeadlineExceeded);
  finish.set_value();
  EXPECT_TRUE(first.get());
}

// ---- streams ----

TEST(BlockingClient, Events_arrive_in_order_before_the_result) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      EXPECT_EQ(request.body.at("stream"), true);
      for (const auto* piece : {"a", "b", "c"}) self.event(request, {{"text", piece}});
      self.reply(request, {{"result", "abc"}});
    });
  });
  BlockingDeviceClient client(options_for(manager));
  std::string pieces;
  const auto result =
      client.infer_stream(kModel, InferInput().field("prompt", "x"), [&](const bj::object& event) {
        pieces += event.at("text").as_string().c_str();
        return true;
      });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(pieces, "abc");
  EXPECT_EQ(*result->text(), "abc");
}

TEST(BlockingClient, A_receiver_that_has_enough_cancels_the_stream) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    auto request = *peer.next();
    peer.event(request, {{"text", "a"}});
    EXPECT_EQ(peer.next()->action(), "cancel");
  });
  BlockingDeviceClient client(options_for(manager));
  const auto result = client.infer_stream(kModel, InferInput().field("prompt", "x"),
                                          [](const bj::object&) { return false; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(BlockingClient, Streaming_from_a_manager_that_does_not_is_unsupported) {
  FakeManager manager({.granted = {"tail"}});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  BlockingDeviceClient client(options_for(manager));
  const auto result = client.infer_stream(kModel, InferInput().field("prompt", "x"), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
}

// ---- bad managers ----

TEST(BlockingClient, Malformed_replies_end_the_call_and_the_connection) {
  for (const std::string& bytes : {std::string("\0\0\0\4nope", 8), std::string("\0\0\0\2[]", 6),
                                   std::string("\xff\xff\xff\xff", 4), std::string("\0\0\0\0", 4),
                                   std::string("\0\0\0\7{\"a\":1}", 11)}) {
    FakeManager manager;
    manager.expect([&](FakeConnection& peer) {
      peer.greet();
      peer.next();
      peer.send_bytes(bytes);
      EXPECT_FALSE(peer.next());
    });
    BlockingDeviceClient client(options_for(manager));
    const auto pong = client.ping();
    ASSERT_FALSE(pong);
    EXPECT_TRUE(pong.error().code == ErrorCode::kMalformed ||
                pong.error().code == ErrorCode::kTooLarge)
        << pong.error().message;
  }
}

TEST(BlockingClient, The_complaint_of_a_manager_that_hangs_up_is_the_error) {
  FakeManager manager({.granted = {"tail"}});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.read_only(8);
    peer.send_message({{"error", "Message too large: 9000000 bytes"}});
  });
  BlockingDeviceClient client(options_for(manager));
  const auto result =
      client.infer(kModel, InferInput().tensor("input", counting(client, 9'000'000)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(result.error().message, "Message too large: 9000000 bytes");
}

TEST(BlockingClient, A_truncated_reply_is_a_lost_connection) {
  FakeManager manager;
  manager.always([](FakeConnection& peer) {
    peer.greet();
    peer.next();
    peer.send_bytes(std::string("\0\0\0\x20{\"status", 12));
  });
  BlockingDeviceClient client(options_for(manager));
  EXPECT_EQ(client.infer(kModel, InferInput().field("input", 1)).error().code,
            ErrorCode::kDeviceLost);
}

TEST(BlockingClient, Errors_carry_the_managers_code_and_advice) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      self.send_message({{"error", "queue full"},
                         {"code", "quota_exceeded"},
                         {"retry_after_ms", 120},
                         {"request_id", request.body.at("request_id")}});
    });
  });
  BlockingDeviceClient client(options_for(manager));
  const auto result = client.infer(kModel, InferInput().field("input", 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(result.error().retry_after, Millis(120));
}

}  // namespace
}  // namespace npu
