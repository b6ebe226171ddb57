#include "base/outbox.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include "base/unix_socket.hpp"

namespace npu {
namespace {

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    auto pair = unix_pair().value();
    near_ = std::move(pair.first);
    far_ = std::move(pair.second);
    EXPECT_TRUE(set_nonblocking(near_.get(), true));
  }

  std::string read(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
      const auto got =
          receive(far_.get(), std::as_writable_bytes(std::span(text).subspan(have)), fds_);
      if (got.kind != IoResult::Kind::kOk) break;
      have += got.bytes;
      if (outbox_.pending_bytes() > 0) outbox_.flush(near_.get());
    }
    return text;
  }

  UniqueFd near_;
  UniqueFd far_;
  Outbox outbox_;
  std::vector<UniqueFd> fds_;
};

TEST_F(OutboxTest, What_a_full_socket_does_not_take_is_sent_later_in_order) {
  std::string expected;
  std::string body(300'000, 'x');
  for (int i = 0; i < 10; ++i) {
    std::iota(body.begin(), body.end(), static_cast<char>(i));
    auto kept = std::make_shared<std::string>(body);
    OutMessage message{.head = "head" + std::to_string(i), .keep = {kept}};
    message.tail = {{kept->data(), 100'000}, {kept->data() + 100'000, 200'000}};
    expected += message.head + body;
    outbox_.push(near_.get(), std::move(message));
  }
  EXPECT_GT(outbox_.pending_bytes(), 0U);
  EXPECT_EQ(read(expected.size()), expected);
  EXPECT_EQ(outbox_.pending_bytes(), 0U);
  EXPECT_EQ(outbox_.sent_bytes(), expected.size());
}

TEST_F(OutboxTest, A_descriptor_goes_with_its_own_message) {
  const std::string filler(1 << 20, 'x');
  outbox_.push(near_.get(), {.head = filler});
  const auto passed = std::make_shared<UniqueFd>(::eventfd(0, EFD_CLOEXEC));
  outbox_.push(near_.get(), {.head = "with", .keep = {passed}, .fd = passed->get()});
  read(filler.size());
  EXPECT_TRUE(fds_.empty());
  EXPECT_EQ(read(4), "with");
  EXPECT_EQ(fds_.size(), 1U);
}

TEST_F(OutboxTest, A_peer_that_is_gone_is_noticed) {
  far_.reset();
  EXPECT_EQ(outbox_.push(near_.get(), {.head = "x"}), Outbox::State::kBroken);
}

}  // namespace
}  // namespace npu
