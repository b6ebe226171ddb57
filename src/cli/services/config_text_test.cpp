#include "cli/services/config_text.hpp"

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

constexpr const char* kDescription = R"(
- {key: server.host, value: "", default: '""', from: default, where: "", env: X_HOST, flag: --host, right: "", help: Where to listen}
- {key: server.port, value: 81, default: "80", from: file, where: /etc/x.yaml, env: X_PORT, flag: --port, right: "a number in 0..65535", help: Port}
- {key: server.api_keys, value: [abcdef], default: "[]", from: environment, where: X_KEYS, env: X_KEYS, flag: "", right: "", help: Keys}
- {key: feed.url, value: "rtsp://u:pw@h/1", default: '""', from: file, where: /etc/x.yaml, env: "", flag: "", right: "", help: Camera}
)";

ServiceState described(const char* name) {
  ServiceState state;
  state.service = *find_service(name);
  state.config = parse_description(kDescription).value();
  return state;
}

TEST(ParseDescription, Gives_values_lists_and_origins) {
  const auto config = parse_description(kDescription);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->value("server.port"), "81");
  EXPECT_EQ(config->list("server.api_keys"), std::vector<std::string>{"abcdef"});
  EXPECT_TRUE(config->list("server.port").empty());
  EXPECT_EQ(config->find("server.port")->where, "/etc/x.yaml");
  EXPECT_EQ(config->find("server.absent"), nullptr);
  for (const char* other : {"", "a: map", "[]", "- 1", "[", "usage: x --help"}) {
    EXPECT_FALSE(parse_description(other)) << other;
  }
}

TEST(ConfigTable, Shows_what_is_set_and_by_what_but_no_secret) {
  const std::string set = config_table({described("pose")}, false);
  EXPECT_EQ(set,
            "SERVICE     KEY              VALUE                 FROM\n"
            "hailo-pose  server.port      81                    /etc/x.yaml\n"
            "hailo-pose  server.api_keys  <removed>             X_KEYS\n"
            "hailo-pose  feed.url         rtsp://<removed>@h/1  /etc/x.yaml\n");
  const std::string all = config_table({described("pose")}, true);
  EXPECT_NE(all.find("server.host      \"\" "), std::string::npos) << all;
  const auto json = boost::json::serialize(config_json(described("pose"), true));
  EXPECT_EQ(json.find("abcdef"), std::string::npos);
  EXPECT_EQ(json.find("pw"), std::string::npos);
}

TEST(Explanation, Says_once_what_several_programs_have) {
  const std::string text = explanation({described("pose"), described("depth")}, {"port"});
  EXPECT_EQ(text,
            "server.port\n"
            "  Port (a number in 0..65535)\n"
            "    hailo-pose   81  file  default 80  --port, X_PORT\n"
            "    hailo-depth  81  file  default 80  --port, X_PORT\n");
  EXPECT_NE(explanation({described("pose")}, {"feed"}).find("in the file only"), std::string::npos);
  EXPECT_EQ(explanation({described("pose")}, {"nothing"}), "");
}

TEST(IsMeant, A_key_its_section_or_its_last_part) {
  EXPECT_TRUE(is_meant("server.port", "server.port"));
  EXPECT_TRUE(is_meant("server", "server.port"));
  EXPECT_TRUE(is_meant("port", "server.port"));
  EXPECT_FALSE(is_meant("serv", "server.port"));
  EXPECT_FALSE(is_meant("ort", "server.port"));
}

}  // namespace
}  // namespace npu::cli
