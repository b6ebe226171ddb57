#include "client/out_frame.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tensor/shared_memory.hpp"

namespace npu::client {
namespace {

std::string drain(int socket, std::vector<UniqueFd>& fds) {
  std::string all;
  std::vector<std::byte> buffer(100'000);
  for (;;) {
    const IoResult got = receive(socket, buffer, fds);
    if (got.kind != IoResult::Kind::kOk) return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), got.bytes);
  }
}

struct Pair {
  Pair() : ends(*unix_pair()) {
    EXPECT_TRUE(set_nonblocking(ends.first.get(), true));
    EXPECT_TRUE(set_nonblocking(ends.second.get(), true));
  }
  std::pair<UniqueFd, UniqueFd> ends;
};

ClientTensor tensor_of(std::size_t bytes, char fill) {
  return ClientTensor::own({DType::kUint8,
                            {static_cast<std::int64_t>(bytes)},
                            std::vector<std::byte>(bytes, static_cast<std::byte>(fill))});
}

TEST(OutFrame, A_full_socket_takes_it_in_pieces_without_loss) {
  Pair pair;
  std::vector<ClientTensor> tail;
  std::string expected = "head";
  for (int i = 0; i < 300; ++i) {  // more parts than one system call takes
    tail.push_back(tensor_of(static_cast<std::size_t>(i) * 37, static_cast<char>(i)));
    expected.append(static_cast<std::size_t>(i) * 37, static_cast<char>(i));
  }
  OutFrame frame("head", std::move(tail));
  std::string got;
  std::vector<UniqueFd> fds;
  int rounds = 0;
  while (!frame.done()) {
    frame.send_some(pair.ends.first.get());
    got += drain(pair.ends.second.get(), fds);
    ++rounds;
  }
  EXPECT_GT(rounds, 1);
  EXPECT_EQ(got, expected);
}

TEST(OutFrame, What_it_borrowed_may_go_once_the_rest_is_owned) {
  Pair pair;
  std::vector<std::byte> borrowed(3'000'000, std::byte{'x'});
  OutFrame frame("head", {ClientTensor::borrow({DType::kUint8, {3'000'000}, borrowed})});
  EXPECT_EQ(frame.send_some(pair.ends.first.get()).kind, IoResult::Kind::kWouldBlock);
  EXPECT_TRUE(frame.started());
  frame.own_rest();
  std::ranges::fill(borrowed, std::byte{'y'});
  std::vector<UniqueFd> fds;
  std::string got = drain(pair.ends.second.get(), fds);
  while (!frame.done()) {
    frame.send_some(pair.ends.first.get());
    got += drain(pair.ends.second.get(), fds);
  }
  EXPECT_EQ(got, "head" + std::string(3'000'000, 'x'));
}

TEST(OutFrame, A_descriptor_is_passed_once) {
  Pair pair;
  const auto memory = *SharedMemory::create(10);
  OutFrame frame(std::string(1'000'000, 'a'), {}, memory.fd());
  std::vector<UniqueFd> fds;
  std::size_t got = 0;
  while (!frame.done()) {
    frame.send_some(pair.ends.first.get());
    got += drain(pair.ends.second.get(), fds).size();
  }
  EXPECT_EQ(got, 1'000'000U);
  EXPECT_EQ(fds.size(), 1U);
}

TEST(OutFrame, A_gone_peer_is_an_error_and_no_signal) {
  Pair pair;
  pair.ends.second.reset();
  OutFrame frame("head");
  EXPECT_EQ(frame.send_some(pair.ends.first.get()).kind, IoResult::Kind::kError);
  EXPECT_FALSE(frame.started());
}

}  // namespace
}  // namespace npu::client
