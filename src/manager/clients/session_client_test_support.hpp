// For tests: a session whose client is the test.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/unix_socket.hpp"
#include "manager/clients/session_host_test_support.hpp"
#include "wire/frame.hpp"

namespace npu::manager {

class SessionClient {
 public:
  static constexpr uid_t kUser = 1000;

  explicit SessionClient(FakeSessionHost& host, Session::Rights rights = {})
      : host_(host), id_(host.sessions.size() + host.gone.size() + 1) {
    auto pair = unix_pair().value();
    EXPECT_TRUE(set_nonblocking(pair.first.get(), true));
    EXPECT_TRUE(set_nonblocking(pair.second.get(), true));
    socket_ = std::move(pair.second);
    const ClientQuota::Client client = host.quota.client(kUser);
    const auto session = std::make_shared<Session>(
        id_, watch(host.io(), pair.first).value(), PeerCredentials{.pid = 77, .uid = kUser}, rights,
        Admission{client, client.charge({{Held::kConnections}})}, host);
    host.sessions.emplace(id_, session);
    session->connection().start();
  }

  // Only while the manager has it.
  Session& session() { return *host_.sessions.at(id_); }
  broker::ConnectionId id() const { return id_; }
  bool is_served() const { return host_.sessions.contains(id_); }

  void hello(const boost::json::array& features, boost::json::object more = {}) {
    more.emplace("action", "hello");
    more.emplace("client", "test");
    more.emplace("features", features);
    const auto granted = ask(more);
    ASSERT_EQ(granted.at("status"), "ok") << boost::json::serialize(granted);
    for (const auto& feature : features) {
      if (feature == "tail") layout_ = wire::Layout::kTail;
    }
  }

  // A frame, and with its first byte a descriptor.
  void send(const boost::json::value& body, std::string_view tail = {}, int fd = -1) {
    send_raw(wire::encode_message(body, layout_, tail.size()).append(tail), fd);
  }
  // Up to where the manager has hung up.
  void send_raw(std::string_view bytes, int fd = -1) {
    for (int tries = 0; !bytes.empty(); ++tries) {
      ASSERT_LT(tries, 10'000) << "the manager reads nothing more";
      const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
      const auto sent = npu::send(socket_.get(), std::span(&part, 1),
                                  fd < 0 ? std::span<const int>() : std::span(&fd, 1));
      if (sent.kind == IoResult::Kind::kOk) {
        bytes.remove_prefix(sent.bytes);
        fd = -1;
      }
      host_.run();
      if (sent.kind == IoResult::Kind::kError) return;
    }
  }

  // The next frame of those that the manager has sent by now.
  std::optional<boost::json::object> next() {
    for (;;) {
      if (auto payload = reader_.next()) {
        auto message = wire::parse_payload(payload->bytes, layout_);
        EXPECT_TRUE(message) << message.error().message;
        tail_.assign(reinterpret_cast<const char*>(message->tail.data()), message->tail.size());
        return std::move(message->body);
      }
      host_.run();
      std::vector<UniqueFd> none;
      const IoResult got = receive(socket_.get(), reader_.prepare(), none);
      if (got.kind != IoResult::Kind::kOk) {
        hung_up_ = hung_up_ || got.kind == IoResult::Kind::kEof;
        return std::nullopt;
      }
      EXPECT_TRUE(reader_.commit(got.bytes));
    }
  }
  // The same of which the test is sure; {} where there is none after all.
  boost::json::object reply() {
    auto body = next();
    EXPECT_TRUE(body) << "no reply";
    return body.value_or(boost::json::object());
  }
  boost::json::object ask(const boost::json::value& body, int fd = -1) {
    send(body, {}, fd);
    return reply();
  }
  // The raw bytes behind the last frame.
  const std::string& tail() const { return tail_; }
  // Whether the manager has closed the connection; drops what came before. Where something of the
  // client's was not read it is another thread that closes.
  bool is_hung_up() {
    while (next()) {
    }
    pollfd closed{socket_.get(), POLLIN, 0};
    if (!hung_up_ && !is_served()) ::poll(&closed, 1, 10'000);
    while (next()) {
    }
    return hung_up_;
  }

  void stop_sending() { EXPECT_EQ(::shutdown(socket_.get(), SHUT_WR), 0); }
  void leave() {
    socket_.reset();
    host_.run();
  }

 private:
  FakeSessionHost& host_;
  broker::ConnectionId id_;
  UniqueFd socket_;
  wire::Layout layout_ = wire::Layout::kJson;
  wire::FrameReader reader_;
  std::string tail_;
  bool hung_up_ = false;
};

// A manager that has one model.
class SessionFixture : public testing::Test {
 protected:
  explicit SessionFixture(const ClientLimits& limits = {}) : host_(limits) {}

  boost::json::object infer(std::string_view request_id, boost::json::object more = {}) const {
    more.emplace("action", "infer");
    more.emplace("model_type", "depth");
    more.emplace("model_path", file_);
    more.emplace("input_data", boost::json::object{{"x", 1}});
    if (!request_id.empty()) more.emplace("request_id", request_id);
    return more;
  }
  static std::string text_at(const boost::json::object& reply, std::string_view name) {
    return std::string(reply.at(name).as_string());
  }
  static broker::Outcome inferred(boost::json::value result) {
    auto made = std::make_shared<InferResult>();
    made->result = std::move(result);
    made->inference_ms = 12.4;
    return {.result = std::move(made)};
  }

  FakeSessionHost host_;
  std::string file_ = host_.folder.file("m.hef", "x");
};

}  // namespace npu::manager
