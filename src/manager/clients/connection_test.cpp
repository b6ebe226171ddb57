#include "manager/clients/connection.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/unix_socket.hpp"
#include "manager/clients/bare_connection_test_support.hpp"
#include "manager/memory/region.hpp"

namespace npu::manager {
namespace {

using namespace std::chrono_literals;

// A connection whose peer is the test, looked at every five seconds.
class ConnectionTest : public testing::Test {
 protected:
  static constexpr std::size_t kMaxMessage = std::size_t{64} << 20;

  void SetUp() override {
    auto pair = unix_pair();
    ASSERT_TRUE(pair && set_nonblocking(pair->first.get(), true) &&
                set_nonblocking(pair->second.get(), true));
    peer_ = std::move(pair->second);
    bare_ = std::make_shared<BareConnection>(watch(io_, pair->first).value(),
                                             Admission{quota_.client(0), {}}, kMaxMessage,
                                             Connection::Shared{slabs_, budget_, turns_, clock_});
    connection().start();
  }

  Connection& connection() { return bare_->connection; }
  // Another one, of which the end of the peer is returned.
  UniqueFd connect(uid_t user, std::function<void()> each_frame) {
    auto pair = unix_pair();
    EXPECT_TRUE(pair && set_nonblocking(pair->first.get(), true));
    others_.push_back(std::make_shared<BareConnection>(
        watch(io_, pair->first).value(), Admission{quota_.client(user), {}}, kMaxMessage,
        Connection::Shared{slabs_, budget_, turns_, clock_}));
    others_.back()->each_frame = std::move(each_frame);
    others_.back()->connection.start();
    return std::move(pair->second);
  }

  void write(std::string_view text) {
    while (!text.empty() && connection().is_open()) {
      const iovec part{const_cast<char*>(text.data()), text.size()};
      text.remove_prefix(send(peer_.get(), std::span(&part, 1), {}).bytes);
      io_.poll();
    }
  }
  std::size_t read(std::size_t bytes) {
    std::vector<std::byte> into(bytes);
    std::size_t have = 0;
    while (have < bytes) {
      const IoResult got = receive(peer_.get(), std::span(into).subspan(have), fds_);
      if (got.kind != IoResult::Kind::kOk) break;
      have += got.bytes;
      io_.poll();
    }
    return have;
  }
  void five_seconds_later(bool memory_wanted) {
    clock_.advance(5s);
    connection().tidy(60s, memory_wanted);
  }

  FakeClock clock_;
  boost::asio::io_context io_;
  RegionRegistry regions_;
  SlabPool slabs_{regions_, clock_, 0};
  ClientQuota quota_{ClientLimits{}};
  PayloadBudget budget_{quota_};
  LoopTurns turns_{io_};
  UniqueFd peer_;
  std::vector<UniqueFd> fds_;
  std::shared_ptr<BareConnection> bare_;
  std::vector<std::shared_ptr<BareConnection>> others_;
};

TEST_F(ConnectionTest, Who_sends_one_request_is_not_behind_all_that_another_user_has_sent) {
  constexpr int kConnections = 200;
  constexpr int kFrames = 50;
  std::string frames;
  for (int i = 0; i < kFrames; ++i) frames += std::string("\0\0\0\2{}", 6);
  int before = 0;
  std::optional<int> at;
  std::vector<UniqueFd> peers;
  for (int i = 0; i < kConnections; ++i) peers.push_back(connect(1000, [&] { ++before; }));
  peers.push_back(connect(1001, [&] { at = before; }));
  for (const UniqueFd& peer : peers) {
    const std::string_view text =
        &peer == &peers.back() ? std::string_view(frames).substr(0, 6) : frames;
    const iovec part{const_cast<char*>(text.data()), text.size()};
    ASSERT_EQ(send(peer.get(), std::span(&part, 1), {}).bytes, text.size());
  }
  io_.poll();
  ASSERT_TRUE(at);
  EXPECT_LE(*at, LoopTurns::kAtOnce + LoopTurns::kAlone + 4);
  EXPECT_EQ(before, kConnections * kFrames);
}

TEST_F(ConnectionTest, Who_trickles_a_large_message_is_dropped_when_others_wait_for_memory) {
  write(std::string_view("\0\x10\0\0", 4));
  for (int i = 0; i < 10; ++i) {
    write("x");
    five_seconds_later(false);
  }
  EXPECT_TRUE(connection().is_open()) << connection().close_reason();
  for (int i = 0; i < 3; ++i) {
    write("x");
    five_seconds_later(true);
  }
  EXPECT_EQ(connection().close_reason(),
            "is slow in the middle of a message while others wait for memory");
}

TEST_F(ConnectionTest, Who_sends_a_large_message_steadily_is_not_dropped) {
  write(std::string_view("\x04\0\0\0", 4));
  const std::string piece(6 << 20, 'x');
  for (int i = 0; i < 6; ++i) {
    write(piece);
    five_seconds_later(true);
  }
  EXPECT_TRUE(connection().is_open()) << connection().close_reason();
}

TEST_F(ConnectionTest, Who_reads_its_replies_is_told_from_who_leaves_them) {
  connection().send({.head = std::string(8 << 20, 'x')});
  EXPECT_FALSE(connection().is_being_read());
  EXPECT_GT(read(std::size_t{400} << 10), 0U);
  EXPECT_TRUE(connection().is_being_read());
  clock_.advance(10s);
  EXPECT_FALSE(connection().is_being_read());
}

TEST_F(ConnectionTest, A_request_that_has_arrived_is_seen_before_it_is_received) {
  EXPECT_FALSE(connection().has_unreceived());
  const iovec part{const_cast<char*>("x"), 1};
  send(peer_.get(), std::span(&part, 1), {});
  EXPECT_TRUE(connection().has_unreceived());
  io_.poll();
  EXPECT_FALSE(connection().has_unreceived());
  peer_.reset();
  EXPECT_FALSE(connection().has_unreceived()) << "nobody waits for an answer";
}

TEST_F(ConnectionTest, What_cannot_be_watched_stays_with_who_has_it) {
  auto pair = unix_pair();
  ASSERT_TRUE(pair);
  const int fd = pair->first.get();
  UniqueFd same(fd);
  const auto watched = watch(io_, pair->first);
  ASSERT_TRUE(watched);
  EXPECT_EQ(watch(io_, same).error().code, ErrorCode::kOverloaded) << "it is watched already";
  EXPECT_EQ(same.release(), fd);
}

TEST_F(ConnectionTest, Who_trickles_its_replies_is_dropped_and_who_reads_slowly_is_not) {
  connection().send({.head = std::string(8 << 20, 'x')});
  EXPECT_EQ(quota_.held(Held::kBytesUnread), connection().unsent_bytes());
  for (int i = 0; i < 30; ++i) {
    EXPECT_GT(read(std::size_t{100} << 10), 0U);
    five_seconds_later(false);
  }
  ASSERT_TRUE(connection().is_open()) << connection().close_reason();
  ASSERT_GT(connection().unsent_bytes(), 0U);
  for (int i = 0; i < 20; ++i) {
    read(1);
    five_seconds_later(false);
  }
  EXPECT_EQ(connection().close_reason(), "does not read its replies");
  EXPECT_EQ(quota_.held(Held::kBytesUnread), 0U);
}

}  // namespace
}  // namespace npu::manager
