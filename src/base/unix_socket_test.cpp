#include "base/unix_socket.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace npu {
namespace {

class UnixSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "sockXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string path() const { return dir_ / "s"; }

  std::filesystem::path dir_;
};

iovec part_of(std::string& text) { return {text.data(), text.size()}; }

TEST_F(UnixSocketTest, Descriptors_arrive_with_their_bytes_and_are_close_on_exec) {
  auto [a, b] = unix_pair().value();
  std::string text = "hello";
  const iovec part = part_of(text);
  const int null = ::open("/dev/null", O_RDONLY);
  UniqueFd sent(null);
  const int fds[] = {sent.get()};
  ASSERT_TRUE(send_all(a.get(), std::span(&part, 1), fds));
  std::byte buffer[16];
  std::vector<UniqueFd> got;
  const IoResult result = receive(b.get(), buffer, got);
  EXPECT_EQ(result.kind, IoResult::Kind::kOk);
  EXPECT_EQ(result.bytes, 5U);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_NE(::fcntl(got[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(UnixSocketTest, All_descriptors_that_a_message_can_carry_are_taken) {
  auto [a, b] = unix_pair().value();
  const UniqueFd null(::open("/dev/null", O_RDONLY));
  std::vector<int> many(kMaxFdsPerReceive, null.get());
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFdsPerReceive)] = {};
  char byte = 'x';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * kMaxFdsPerReceive);
  std::memcpy(CMSG_DATA(header), many.data(), sizeof(int) * kMaxFdsPerReceive);
  ASSERT_EQ(::sendmsg(a.get(), &message, 0), 1);
  std::byte buffer[4];
  std::vector<UniqueFd> got;
  EXPECT_EQ(receive(b.get(), buffer, got).bytes, 1U);
  EXPECT_EQ(got.size(), kMaxFdsPerReceive);
}

TEST_F(UnixSocketTest, The_other_ends_closing_is_end_of_file_and_writing_to_it_an_error) {
  auto [a, b] = unix_pair().value();
  b.reset();
  std::byte buffer[4];
  std::vector<UniqueFd> fds;
  EXPECT_EQ(receive(a.get(), buffer, fds).kind, IoResult::Kind::kEof);
  std::string text = "x";
  const iovec part = part_of(text);
  EXPECT_FALSE(send_all(a.get(), std::span(&part, 1)));
}

TEST_F(UnixSocketTest, A_stale_socket_is_replaced_and_gets_its_mode) {
  {
    auto dead = unix_listen(path(), {});
    ASSERT_TRUE(dead) << dead.error().message;
  }
  ASSERT_TRUE(std::filesystem::exists(path()));
  auto listener = unix_listen(path(), {.mode = 0600});
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  auto client = unix_connect(path());
  ASSERT_TRUE(client);
  EXPECT_EQ(peer_credentials(client->get())->pid, ::getpid());
}

TEST_F(UnixSocketTest, A_live_socket_is_not_taken_from_its_owner) {
  auto first = unix_listen(path(), {});
  ASSERT_TRUE(first);
  auto second = unix_listen(path(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(unix_connect(path()));
}

TEST_F(UnixSocketTest, A_file_in_the_way_is_left_alone) {
  std::ofstream(path()) << "precious";
  auto listener = unix_listen(path(), {});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(std::filesystem::file_size(path()), 8U);
}

TEST_F(UnixSocketTest, A_path_that_cannot_be_a_socket_address_is_refused) {
  EXPECT_EQ(unix_listen("", {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(unix_connect(std::string(200, 'x')).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(unix_connect(path()).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace npu
