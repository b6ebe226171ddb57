#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "client/device_client_test_support.hpp"
#include "fakes/fake_manager.hpp"

namespace npu {
namespace {

using boost::asio::awaitable;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

TEST_F(DeviceClientTest, A_stream_yields_its_events_then_the_result) {
  FakeManager manager({.granted = kAll});
  manager.always([](FakeConnection& peer) {
    peer.serve([](FakeConnection& self, const FakeRequest& request) {
      for (const auto* piece : {"a", "b", "c"}) self.event(request, {{"text", piece}});
      self.reply(request, {{"result", "abc"}});
    });
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto stream = co_await client.infer_stream(kModel, plain("x"));
    EXPECT_TRUE(stream);
    std::string pieces;
    for (;;) {
      auto event = co_await stream->next();
      EXPECT_TRUE(event);
      if (!event || !*event) break;
      pieces += (**event).at("text").as_string().c_str();
    }
    EXPECT_EQ(pieces, "abc");
    EXPECT_EQ(*stream->result().text(), "abc");
  });
}

TEST_F(DeviceClientTest, A_dropped_stream_is_cancelled) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    auto request = *peer.next();
    peer.event(request, {{"text", "a"}});
    EXPECT_EQ(peer.next()->action(), "cancel");
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto stream = co_await client.infer_stream(kModel, plain("x"));
    EXPECT_TRUE(co_await stream->next());
  });
}

TEST_F(DeviceClientTest, A_stream_that_breaks_off_ends_with_an_error) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    peer.event(*peer.next(), {{"text", "a"}});
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto stream = co_await client.infer_stream(kModel, plain("x"));
    EXPECT_TRUE(co_await stream->next());
    const auto end = co_await stream->next();
    EXPECT_FALSE(end);
    EXPECT_EQ(end ? ErrorCode::kInternal : end.error().code, ErrorCode::kDeviceLost);
  });
}

TEST_F(DeviceClientTest, Nobody_taking_events_does_not_grow_memory_without_bound) {
  FakeManager manager({.granted = kAll});
  manager.expect([](FakeConnection& peer) {
    peer.greet();
    auto request = *peer.next();
    for (int i = 0; i < 4097; ++i) peer.event(request, {{"text", "a"}});
    std::set<std::string> actions;
    for (int i = 0; i < 2; ++i) {
      const auto other = *peer.next();
      actions.insert(other.action());
      peer.reply(other);
    }
    EXPECT_EQ(actions, (std::set<std::string>{"cancel", "ping"}));
    peer.next();
  });
  with_client(options_for(manager), [](DeviceClient& client) -> awaitable<void> {
    auto stream = co_await client.infer_stream(kModel, plain("x"));
    EXPECT_TRUE(co_await client.ping());
    std::optional<ErrorCode> end;
    while (!end) {
      const auto event = co_await stream->next();
      if (!event) end = event.error().code;
    }
    EXPECT_EQ(end, ErrorCode::kOverloaded);
  });
}

}  // namespace
}  // namespace npu
