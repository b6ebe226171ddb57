#include "cli/services/redact.hpp"

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

bool lacks(const std::string& text, std::string_view secret) {
  return text.find(secret) == std::string::npos;
}

TEST(NamesASecret, By_the_words_that_it_is_made_of) {
  for (const char* name :
       {"server.api_keys", "api_key", "apiKey", "MQTT_PASSWORD", "token", "HF_TOKEN",
        "client-secret", "authorization", "dbPasswd", "APIKEY", "x_auth", "privateKeyFile"}) {
    EXPECT_TRUE(names_a_secret(name)) << name;
  }
  for (const char* name : {"keypoint_threshold", "model.keep_alive", "monkey", "server.host",
                           "keyboard", "author", "compass", "", "path"}) {
    EXPECT_FALSE(names_a_secret(name)) << name;
  }
}

TEST(RedactText, Values_of_secret_names_are_taken_out_of_a_line) {
  const Redactor redactor;
  EXPECT_EQ(redactor.text("a token=abc123 b"), "a token=<removed> b\n");
  EXPECT_EQ(redactor.text("GET /x?api_key=abc&size=3 200"),
            "GET /x?api_key=<removed>&size=3 200\n");
  EXPECT_EQ(redactor.text("\"password\": \"two words\", \"port\": 1"),
            "\"password\": <removed>, \"port\": 1\n");
  EXPECT_EQ(redactor.text("Authorization: Bearer abc.def next"), "Authorization: <removed> next\n");
  EXPECT_EQ(redactor.text("sent Bearer abc.def"), "sent Bearer <removed>\n");
  EXPECT_EQ(redactor.text("A_KEY=1 B_KEY=2"), "A_KEY=<removed> B_KEY=<removed>\n");
}

TEST(RedactText, Users_of_addresses_are_taken_out) {
  const Redactor redactor;
  EXPECT_EQ(redactor.text("rtsp://admin:pw@10.0.0.2/live and http://x/y@z"),
            "rtsp://<removed>@10.0.0.2/live and http://x/y@z\n");
  EXPECT_EQ(redactor.text("proxy http://u:p%40@h:80?a@b"), "proxy http://<removed>@h:80?a@b\n");
  EXPECT_EQ(redactor.text("http://u:p@q@host"), "http://<removed>@host\n");
}

TEST(RedactText, Other_lines_stay_as_they_are) {
  const std::string log =
      "12:00 hailo-pose listens on 127.0.0.1:11440\nmodel: yolov8s key points\n";
  EXPECT_EQ(Redactor().text(log), log);
}

TEST(RedactText, A_known_secret_is_taken_out_wherever_it_stands) {
  Redactor redactor;
  redactor.add_secret("hunter2-long");
  redactor.add_secret("hunter2-long-er");
  redactor.add_secret("no");  // a word of every text
  EXPECT_EQ(redactor.text("said hunter2-long-er, then hunter2-long: no"),
            "said <removed>, then <removed>: no\n");
}

// All ways in which YAML writes a value.
TEST(RedactConfig, The_whole_value_goes_over_all_of_its_lines) {
  const Redactor redactor;
  for (const std::string yaml : {
           "server:\n  api_keys: [SECRET, SECRET]\n  port: 80\n",
           "server:\n  api_keys:\n    - SECRET\n    - \"SECRET\"\n  port: 80\n",
           "server:\n  api_keys:\n  - SECRET\n\n  - SECRET\n  port: 80\n",
           "server:\n  api_keys: [\n    SECRET,\nSECRET\n  ]\n  port: 80\n",
           "server:\n  api_keys: |\n    SECRET\n    SECRET\n  port: 80\n",
           "server:\n  api_key: \"SECRET\n    SECRET\"\n  port: 80\n",
           "server:\n  \"api_keys\": [SECRET] # SECRET\n  port: 80\n",
           "server:\n  #api_keys: [SECRET]\n  port: 80\n",
           "server:\n  password: SECRET with SECRET\n  port: 80\n",
           "server:\n  url: \"https://u:SECRET@host/\"\n  port: 80\n",
       }) {
    const std::string clean = redactor.config(yaml);
    EXPECT_TRUE(lacks(clean, "SECRET")) << yaml << "became\n" << clean;
    EXPECT_NE(clean.find("server:\n"), std::string::npos) << clean;
    EXPECT_NE(clean.find("  port: 80\n"), std::string::npos) << yaml << "became\n" << clean;
  }
  const std::string flow = redactor.config("server: {api_keys: [SECRET], port: 80}\nlog: {}\n");
  EXPECT_TRUE(lacks(flow, "SECRET"));
  EXPECT_NE(flow.find("log: {}\n"), std::string::npos) << flow;
}

TEST(RedactConfig, A_file_without_secrets_stays_as_it_is) {
  const std::string yaml =
      "# hailo-pose\nserver:\n  # TCP port\n  port: 11440\npose:\n  keypoint_threshold: 0.5\n";
  EXPECT_EQ(Redactor().config(yaml), yaml);
}

}  // namespace
}  // namespace npu::cli
