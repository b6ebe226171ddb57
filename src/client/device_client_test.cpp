#include <npu/client.hpp>

#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include "client/device_client_test_support.hpp"
#include "fakes/fake_manager.hpp"

namespace npu {
namespace {

namespace asio = boost::asio;
namespace bj = boost::json;
using asio::awaitable;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

class AsyncTransports : public DeviceClientTest,
                        public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(AsyncTransports, A_tensor_comes_back_unchanged) {
  FakeManager manager({.granted = GetParam()});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    for (const std::int64_t size : {1, 5000, 1'000'000, 5'000'001}) {
      const auto input = counting(client, size);
      for (int i = 0; i < 2; ++i) {
        const auto result = co_await client.infer(kModel, InferInput().tensor("input", input));
        EXPECT_TRUE(result) << result.error().message;
        if (!result) co_return;
        EXPECT_TRUE(same_bytes(*result->tensor(), input)) << size;
      }
    }
  });
  EXPECT_EQ(manager.connections(), 1);
}

INSTANTIATE_TEST_SUITE_P(Granted, AsyncTransports,
                         testing::Values(kAll, std::vector<std::string>{"shm"},
                                         std::vector<std::string>{"tail"},
                                         std::vector<std::string>{"shm", "tail"},
                                         std::vector<std::string>{}));

TEST_F(DeviceClientTest, Version_1_managers_are_asked_one_after_the_other) {
  FakeManager manager({.knows_hello = false});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    const auto ask = [&](float value) -> awaitable<float> {
      Tensor tensor{DType::kFloat32, {1}, std::vector<std::byte>(4)};
      std::memcpy(tensor.data.data(), &value, 4);
      const auto input = InferInput().tensor("input", ClientTensor::own(std::move(tensor)));
      const auto result = co_await client.infer(kModel, input);
      co_return result ? result->tensor()->as<float>()[0] : -1.0F;
    };
    const auto [a, b, c] = co_await (ask(1) && ask(2) && ask(3));
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 2);
    EXPECT_EQ(c, 3);
  });
  EXPECT_EQ(manager.connections(), 1);
}

TEST_F(DeviceClientTest, Replies_in_another_order_reach_their_callers) {
  FakeManager manager({.granted = {"pipeline"}});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    std::vector<FakeRequest> requests;
    for (int i = 0; i < 3; ++i) requests.push_back(*peer.next());
    for (const int i : {2, 0, 1}) {
      const auto& request = requests[static_cast<std::size_t>(i)];
      peer.reply(request, {{"result", request.body.at("input_data").at("input")}});
    }
    peer.next();
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    const auto ask = [&](int value) -> awaitable<std::int64_t> {
      const auto result = co_await client.infer(kModel, plain(value));
      co_return result ? result->value.as_int64() : -1;
    };
    const auto [a, b, c] = co_await (ask(1) && ask(2) && ask(3));
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 2);
    EXPECT_EQ(c, 3);
  });
}

TEST_F(DeviceClientTest, Never_more_requests_are_under_way_than_granted) {
  FakeManager manager({.granted = {"pipeline"}, .max_in_flight = 3});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    for (int i = 0; i < 5; ++i) {
      auto first = *peer.next();
      auto second = *peer.next();
      timeval soon{0, 20'000};  // nothing else may come
      setsockopt(peer.socket(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
      EXPECT_FALSE(peer.next());
      soon = {};
      setsockopt(peer.socket(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
      peer.reply(second);
      peer.reply(first);
    }
    peer.next();
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto executor = co_await asio::this_coro::executor;
    std::vector<std::future<bool>> done;
    int left = 10;
    for (int i = 0; i < 10; ++i) {
      done.push_back(asio::co_spawn(
          executor,
          [&]() -> awaitable<bool> {
            const auto pong = co_await client.ping();
            if (--left == 0) client.close();
            co_return pong.has_value();
          },
          asio::use_future));
    }
    while (left > 0) co_await asio::post(asio::use_awaitable);
    for (auto& one : done) EXPECT_TRUE(one.get());
  });
}

TEST_F(DeviceClientTest, A_missing_manager_is_reported_at_once_without_patience) {
  with_client({.socket_path = "/nonexistent/x.sock", .connect_patience = Millis{0}},
              [](DeviceClient& client) -> awaitable<void> {
                const auto pong = co_await client.ping();
                EXPECT_EQ(pong.error().code, ErrorCode::kUnavailable);
              });
}

TEST_F(DeviceClientTest, The_longest_timeout_is_long) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(ok); });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    const CallOptions patient{.timeout = Millis::max()};
    const auto pong = co_await client.ping(patient);
    EXPECT_TRUE(pong) << pong.error().message;
  });
}

TEST_F(DeviceClientTest, Patience_bridges_a_restart_of_the_manager) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(ok); });
  with_client(options_for(manager, Millis::max()), [&](DeviceClient& client) -> awaitable<void> {
    EXPECT_TRUE(co_await client.ping());
    manager.stop();
    auto starter = std::async(std::launch::async, [&] { manager.start(); });
    EXPECT_TRUE(co_await client.ping());
    starter.wait();
  });
  EXPECT_EQ(manager.connections(), 2);
}

TEST_F(DeviceClientTest, An_infer_that_was_sent_is_not_repeated_and_load_model_is) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    auto infer = *peer.next();
    auto load = *peer.next();
    EXPECT_EQ(infer.action(), "infer");
    EXPECT_EQ(load.action(), "load_model");
  });
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      EXPECT_EQ(request.action(), "load_model");
      self.reply(request);
    });
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    const auto [infer, load] =
        co_await (client.infer(kModel, plain(1)) && client.load_model(kModel));
    EXPECT_FALSE(infer);
    EXPECT_EQ(infer ? ErrorCode::kInternal : infer.error().code, ErrorCode::kDeviceLost);
    EXPECT_TRUE(load) << load.error().message;
  });
}

TEST_F(DeviceClientTest, An_infer_that_waited_for_its_turn_survives_a_lost_connection) {
  FakeManager manager;  // lock-step: the second waits in the client
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.next();
  });
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      self.reply(request, {{"result", 2}});
    });
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    const auto [first, second] =
        co_await (client.infer(kModel, plain(1)) && client.infer(kModel, plain(2)));
    EXPECT_FALSE(first);
    EXPECT_TRUE(second) << second.error().message;
  });
}

TEST_F(DeviceClientTest, A_deadline_sends_cancel_and_keeps_the_connection) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    auto infer = *peer.next();
    auto cancel = *peer.next();
    EXPECT_EQ(cancel.body.at("request_id_to_cancel"), infer.body.at("request_id"));
    peer.reply(cancel, {{"cancelled", true}});
    peer.refuse(infer, "cancelled", "cancelled");
    peer.reply(*peer.next());
    peer.next();
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    EXPECT_TRUE(co_await client.connect());
    const CallOptions brief{.timeout = Millis{1}};
    const auto late = co_await client.infer(kModel, plain(1), brief);
    EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
    EXPECT_TRUE(co_await client.ping());
  });
  EXPECT_EQ(manager.connections(), 1);
}

TEST_F(DeviceClientTest, A_deadline_while_the_manager_ignores_hello_frees_the_caller) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.next();                // hello, unanswered
    EXPECT_FALSE(peer.next());  // the client hangs up
  });
  manager.always([](FakeConnection& peer) { peer.serve(ok); });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    const CallOptions brief{.timeout = Millis{1}};
    const auto late = co_await client.ping(brief);
    EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
    EXPECT_TRUE(co_await client.ping());
  });
}

TEST_F(DeviceClientTest, Cancelling_the_coroutine_cancels_the_request) {
  FakeManager manager({.granted = kAll});
  std::promise<void> arrived;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    auto infer = *peer.next();
    arrived.set_value();
    auto cancel = *peer.next();
    EXPECT_EQ(cancel.action(), "cancel");
    EXPECT_EQ(cancel.body.at("request_id_to_cancel"), infer.body.at("request_id"));
  });
  asio::io_context io;
  DeviceClient client(io.get_executor(), options_for(manager));
  asio::cancellation_signal signal;
  std::optional<ErrorCode> ended;
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        const auto result = co_await client.infer(kModel, plain(1));
        if (!result) ended = result.error().code;
        client.close();
      },
      asio::bind_cancellation_slot(signal.slot(), asio::detached));
  auto canceller = std::async(std::launch::async, [&] {
    arrived.get_future().wait();
    asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  });
  io.run();
  EXPECT_EQ(ended, ErrorCode::kCancelled);
}

TEST_F(DeviceClientTest, Closing_ends_every_call) {
  FakeManager manager({.granted = kAll});
  std::promise<void> arrived;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    peer.next();
    peer.next();
    arrived.set_value();
    peer.next();
  });
  with_client(options_for(manager), [&](DeviceClient& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    auto closer = std::async(std::launch::async, [&] {
      arrived.get_future().wait();
      client.close();
    });
    const auto [a, b] = co_await (client.infer(kModel, plain(1)) && client.ping());
    EXPECT_EQ(a.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(b.error().code, ErrorCode::kCancelled);
  });
}

TEST_F(DeviceClientTest, A_loop_that_stops_for_good_leaks_no_calls) {
  FakeManager manager({.granted = kAll});
  std::promise<void> arrived;
  manager.expect([&](FakeConnection& peer) {
    peer.greet();
    peer.next();
    peer.next();
    arrived.set_value();
    peer.next();
  });
  auto io = std::make_unique<asio::io_context>();
  auto client = std::make_unique<DeviceClient>(io->get_executor(), options_for(manager));
  asio::co_spawn(
      *io, [&]() -> awaitable<void> { co_await client->infer(kModel, plain(1)); }, asio::detached);
  asio::co_spawn(
      *io,
      [&]() -> awaitable<void> {
        auto stream = co_await client->infer_stream(kModel, plain(1));
        if (stream) co_await stream->next();
      },
      asio::detached);
  auto stopper = std::async(std::launch::async, [&] {
    arrived.get_future().wait();
    io->stop();
  });
  io->run();
  stopper.wait();
  client.reset();
  io.reset();  // the leak checker watches
}

TEST_F(DeviceClientTest, Malformed_replies_fail_all_calls_and_the_next_connects_anew) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.next();
    peer.send_bytes(std::string("\0\0\0\x8\0\0\0\4nope", 12));
    peer.next();
  });
  manager.always([](FakeConnection& peer) { peer.serve(ok); });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    const auto bad = co_await client.ping();
    EXPECT_EQ(bad.error().code, ErrorCode::kMalformed);
    EXPECT_TRUE(co_await client.ping());
  });
}

TEST_F(DeviceClientTest, The_complaint_of_a_manager_that_hangs_up_is_the_error) {
  FakeManager manager({.granted = {"tail"}});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.read_only(8);
    peer.send_message({{"error", "Message too large: 9000000 bytes"}});
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto input = client.allocate(DType::kUint8, {9'000'000});
    const auto result = co_await client.infer(kModel, InferInput().tensor("input", *input));
    EXPECT_EQ(result.error().code, ErrorCode::kTooLarge) << result.error().message;
  });
}

TEST_F(DeviceClientTest, Many_threads_may_share_a_client) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) { peer.serve(echo); });
  asio::thread_pool pool(4);
  DeviceClient client(pool.get_executor(), options_for(manager));
  std::vector<std::future<bool>> done;
  for (int i = 0; i < 32; ++i) {
    done.push_back(asio::co_spawn(
        pool,
        [&client, i]() -> awaitable<bool> {
          for (int round = 0; round < 5; ++round) {
            auto input = client.allocate(DType::kUint8, {20'000});
            std::memset(input->writable().data(), i, input->writable().size());
            const auto result = co_await client.infer(kModel, InferInput().tensor("input", *input));
            if (!result || result->tensor()->as<std::uint8_t>()[19'999] != i) co_return false;
          }
          co_return true;
        },
        asio::use_future));
  }
  for (auto& one : done) EXPECT_TRUE(one.get());
  client.close();
  pool.join();
}

TEST_F(DeviceClientTest, Who_watches_stays_connected_and_is_told_what_changes) {
  FakeManager manager({.granted = {"events"}});
  manager.expect([](FakeConnection& peer) {
    const auto hello = peer.next();
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->body.at("events"), (bj::array{"device", "model"}));
    peer.grant(*hello);
    peer.send_message({{"event", "device"}, {"state", "ready"}});
  });
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& to, const FakeRequest& request) { to.reply(request); });
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    const auto told = std::make_shared<std::vector<std::string>>();
    const auto enough = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                             asio::steady_timer::time_point::max());
    client.on_event([told, enough](const bj::object& event) {
      EXPECT_EQ(event.contains("events"), event.at("state") == "connected");
      told->push_back(bj::value_to<std::string>(event.at("event")) + " " +
                      bj::value_to<std::string>(event.at("state")));
      if (told->size() == 4) enough->cancel();
    });
    boost::system::error_code cancelled;
    co_await enough->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    const std::vector<std::string> expected{"manager connected", "device ready", "manager lost",
                                            "manager connected"};
    EXPECT_EQ(*told, expected);
    const auto reply = co_await client.ping();
    EXPECT_TRUE(reply);
  });
  EXPECT_EQ(manager.connections(), 2);
}

TEST_F(DeviceClientTest, Who_watches_waits_for_a_manager_that_is_not_there_yet) {
  FakeManager manager({.granted = {"events"}});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& to, const FakeRequest& request) { to.reply(request); });
  });
  manager.stop();
  with_client(options_for(manager), [&](DeviceClient& client) -> awaitable<void> {
    const auto connected = std::make_shared<asio::steady_timer>(
        co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    client.on_event([connected](const bj::object&) { connected->cancel(); });
    const auto refused = co_await client.ping();
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    manager.start();
    boost::system::error_code cancelled;
    co_await connected->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  });
}

}  // namespace
}  // namespace npu
