#include "cli/services/expose.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

const std::vector<Interface> kMachine{{"lo", "127.0.0.1"},
                                      {"eth0", "192.168.1.7"},
                                      {"docker0", "172.17.0.1"},
                                      {"eth0", "2001:db8::7"},
                                      {"v6only", "2001:db8::8"}};

ServiceState pose(const std::string& keys) {
  ServiceState state;
  state.service = *find_service("pose");
  state.port = 11440;
  state.config = parse_description(
                     "[{key: server.host, env: HAILO_POSE_HOST, value: ''},"
                     "{key: server.api_keys, value: " +
                     keys + "}]")
                     .value();
  return state;
}

TEST(Expose, To_containers_is_the_address_of_the_bridge_beside_this_machine) {
  const auto exposure = expose_to_containers("docker0", kMachine);
  ASSERT_TRUE(exposure);
  EXPECT_EQ(exposure->hosts, "127.0.0.1,172.17.0.1");
  const std::string said = consequences(pose("[]"), *exposure);
  EXPECT_NE(said.find("http://172.17.0.1:11440"), std::string::npos) << said;
  EXPECT_NE(said.find("may use it"), std::string::npos) << said;
  EXPECT_NE(said.find("ufw allow in on docker0 to any port 11440"), std::string::npos) << said;
  EXPECT_EQ(drop_in_text(pose("[]"), *exposure),
            "# Written by hailoctl expose; gone with:  sudo hailoctl expose hailo-pose --undo\n"
            "[Unit]\nAfter=docker.service\n\n"
            "[Service]\nEnvironment=\"HAILO_POSE_HOST=127.0.0.1,172.17.0.1\"\n");
}

TEST(Expose, To_containers_needs_a_bridge_with_an_address) {
  for (const char* bridge : {"podman0", "v6only", ""}) {
    const auto none = expose_to_containers(bridge, kMachine);
    ASSERT_FALSE(none) << bridge;
    EXPECT_NE(none.error().message.find("172.17.0.1 (docker0)"), std::string::npos);
  }
}

TEST(Expose, To_the_network_is_an_address_of_this_machine_or_all) {
  EXPECT_EQ(expose_to_network("192.168.1.7", kMachine)->hosts, "127.0.0.1,192.168.1.7");
  EXPECT_EQ(expose_to_network("2001:DB8:0::7", kMachine)->hosts, "127.0.0.1,2001:db8::7");
  EXPECT_EQ(expose_to_network("127.0.0.1", kMachine)->hosts, "127.0.0.1");
  for (const char* all : {"*", "0.0.0.0", "::"}) {
    const auto exposure = expose_to_network(all, kMachine);
    ASSERT_TRUE(exposure);
    EXPECT_EQ(exposure->hosts, all);
    EXPECT_NE(consequences(pose("[]"), *exposure).find("on all addresses"), std::string::npos);
    EXPECT_EQ(drop_in_text(pose("[]"), *exposure).find("docker"), std::string::npos);
  }
  EXPECT_EQ(expose_to_network("10.1.1.1", kMachine).error().code, ErrorCode::kNotFound);
  for (const char* wrong : {"", "myhost", "1.2.3", "1.2.3.4\nExecStart=/bin/sh", "*.*"}) {
    EXPECT_EQ(expose_to_network(wrong, kMachine).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Expose, Says_whether_keys_are_asked_for) {
  const auto exposure = expose_to_network("192.168.1.7", kMachine);
  EXPECT_NE(consequences(pose("[a-key]"), *exposure).find("need one of its server.api_keys"),
            std::string::npos);
  EXPECT_EQ(consequences(pose("[a-key]"), *exposure).find("a-key"), std::string::npos);
}

TEST(Expose, This_machine_has_its_own_address) {
  const auto all = interfaces();
  EXPECT_TRUE(std::ranges::any_of(
      all, [](const Interface& one) { return one.address == "127.0.0.1" && one.name == "lo"; }));
}

}  // namespace
}  // namespace npu::cli
