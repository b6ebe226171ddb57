#include "cli/services/listeners.hpp"

#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::cli {
namespace {

constexpr const char* kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

class PortHolders : public testing::Test {
 protected:
  PortHolders() { std::filesystem::create_directories(dir_.path("proc/net")); }
  void file(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(dir_.path(path)).parent_path());
    dir_.file(path, text);
  }
  void process(int pid, const std::string& inode, const std::string& cmdline,
               const std::string& cgroup) const {
    const std::string at = "proc/" + std::to_string(pid);
    file(at + "/cmdline", cmdline);
    file(at + "/cgroup", cgroup);
    std::filesystem::create_directories(dir_.path(at + "/fd"));
    std::filesystem::create_symlink("socket:[" + inode + "]", dir_.path(at + "/fd/3"));
  }
  std::vector<PortHolder> holders(int port) const { return holders_of_port(port, dir_.path("")); }

  fakes::TempDir dir_;
};

// Lines as a kernel writes them on a little-endian machine.
TEST_F(PortHolders, A_listener_is_told_with_its_program_and_unit) {
  file("proc/net/tcp",
       std::string(kHead) +
           "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 "
           "4711 1 0000 100 0 0 10 0\n"
           "   1: 0100007F:1388 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000 0 "
           "4712 1 0000 100 0 0 10 0\n");
  file("proc/net/tcp6",
       std::string(kHead) +
           "   0: 00000000000000000000000000000000:1389 00000000000000000000000000000000:0000 0A "
           "00000000:00000000 00:00000000 00000000     0 0 4713 1 0000 100 0 0 10 0\n");
  process(812, "4711", std::string("/usr/bin/python3\0/opt/frigate/main.py\0", 38),
          "0::/system.slice/frigate.service\n");
  process(900, "4711", std::string("child\0", 6), "0::/\n");
  const auto found = holders(5000);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].address, "127.0.0.1");
  EXPECT_EQ(found[0].pid, 812);
  EXPECT_EQ(found[0].text(), "python3 /opt/frigate/main.py (pid 812, frigate.service)");
  const auto any = holders(5001);
  ASSERT_EQ(any.size(), 1U);
  EXPECT_EQ(any[0].address, "::");
  EXPECT_EQ(any[0].text(), "another program (sudo shows which)");
  EXPECT_TRUE(holders(5002).empty());
}

TEST_F(PortHolders, Tables_that_are_none_hold_nothing) {
  EXPECT_TRUE(holders(5000).empty());
  file("proc/net/tcp", "\n: : : 0A\n  0: XYZ:1388 0 0A\n  0: 01:1388 0 0A\n 0: :1388 0 0A");
  EXPECT_TRUE(holders(5000).empty());
}

// The oracle is the kernel: a socket of this test's own.
TEST_F(PortHolders, This_process_is_found_by_the_port_that_it_listens_on) {
  const UniqueFd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* at = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listening.get(), at, sizeof(address)), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::getsockname(listening.get(), at, &size), 0);
  const auto found = holders_of_port(ntohs(address.sin_port));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].address, "127.0.0.1");
  EXPECT_EQ(found[0].pid, ::getpid());
  EXPECT_NE(found[0].program.find("test"), std::string::npos) << found[0].program;
}

TEST(InTheWay, Is_who_listens_on_the_same_address_or_on_all) {
  const std::vector<PortHolder> bridge{{.address = "172.17.0.1"}};
  const std::vector<PortHolder> all{{.address = "0.0.0.0"}};
  EXPECT_TRUE(in_the_way(bridge, "127.0.0.1").empty());
  EXPECT_TRUE(in_the_way(bridge, "").empty());
  EXPECT_EQ(in_the_way(bridge, "172.17.0.1").size(), 1U);
  EXPECT_EQ(in_the_way(bridge, "*").size(), 1U);
  EXPECT_EQ(in_the_way(bridge, "127.0.0.1, 172.17.0.1").size(), 1U);
  EXPECT_TRUE(in_the_way(bridge, "127.0.0.1,::1").empty());
  EXPECT_EQ(in_the_way(all, "").size(), 1U);
  EXPECT_EQ(in_the_way(all, "[::1]").size(), 1U);
}

}  // namespace
}  // namespace npu::cli
