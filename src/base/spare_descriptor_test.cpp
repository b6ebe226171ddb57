#include "base/spare_descriptor.hpp"

#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/descriptors.hpp"
#include "base/unix_socket.hpp"
#include "fakes/temp_dir.hpp"

namespace npu {
namespace {

// For as long as it lives the process can open nothing.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST(SpareDescriptor, Sends_one_off_and_can_do_it_again) {
  const fakes::TempDir folder;
  const std::string path = folder.path("spare.sock");
  auto listening = unix_listen(path, {});
  ASSERT_TRUE(listening && set_nonblocking(listening->get(), true));
  SpareDescriptor spare;
  spare.open();
  const auto say_no = [](UniqueFd socket) { ::send(socket.get(), "no", 2, 0); };
  EXPECT_FALSE(spare.turn_away(listening->get(), say_no));
  for (int i = 0; i < 3; ++i) {
    auto client = unix_connect(path);
    ASSERT_TRUE(client);
    EXPECT_TRUE(spare.turn_away(listening->get(), say_no));
    std::array<std::byte, 16> answer{};
    std::vector<UniqueFd> fds;
    EXPECT_EQ(receive(client->get(), answer, fds).bytes, 2U);
    EXPECT_EQ(receive(client->get(), answer, fds).kind, IoResult::Kind::kEof);
  }
  auto client = unix_connect(path);
  spare.close();
  const NoDescriptors none;
  EXPECT_FALSE(spare.turn_away(listening->get(), say_no));
}

}  // namespace
}  // namespace npu
