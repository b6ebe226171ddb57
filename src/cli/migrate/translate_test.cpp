#include "cli/migrate/translate.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace npu::cli::migrate {
namespace {

const OldService& service(std::string_view name) {
  return *std::ranges::find(old_services(), name, &OldService::name);
}

Translated of_yaml(std::string_view name, const std::string& yaml, TranslateOptions options = {}) {
  options.source = "/etc/hailo/x.yaml";
  return translate(service(name), parse_old_yaml(yaml).value(), options);
}

std::string notes(const Translated& translated) {
  return fmt::format("{}", fmt::join(translated.notes, "\n"));
}

TEST(MigrateTranslate, What_was_open_is_closed_unless_it_is_to_stay_open) {
  for (const char* host : {"0.0.0.0", "'::'", "'*'", "''"}) {
    const auto closed =
        of_yaml("hailo-pose", fmt::format("server: {{host: {}, port: 1234}}", host));
    EXPECT_TRUE(closed.was_open) << host;
    EXPECT_EQ(YAML::Load(closed.text)["server"]["host"].Scalar(), "127.0.0.1") << host;
    EXPECT_EQ(YAML::Load(closed.text)["server"]["port"].as<int>(), 1234);
  }
  const auto silent = of_yaml("hailo-pose", "{}");
  EXPECT_TRUE(silent.was_open);
  const auto kept = of_yaml("hailo-pose", "server: {host: 0.0.0.0}", {.keep_open = true});
  EXPECT_EQ(YAML::Load(kept.text)["server"]["host"].Scalar(), "0.0.0.0");
  // Ours takes no host for loopback, theirs for all.
  EXPECT_EQ(
      YAML::Load(
          of_yaml("hailo-pose", "server: {host: ''}", {.keep_open = true}).text)["server"]["host"]
          .Scalar(),
      "*");
}

TEST(MigrateTranslate, An_address_that_somebody_chose_stays) {
  const auto chosen = of_yaml("hailo-ocr", "server: {host: 192.168.1.5}");
  EXPECT_FALSE(chosen.was_open);
  EXPECT_EQ(YAML::Load(chosen.text)["server"]["host"].Scalar(), "192.168.1.5");
}

TEST(MigrateTranslate, Values_that_ours_would_refuse_are_named_and_left_out) {
  const auto wrong = of_yaml("hailo-depth",
                             "server: {port: 99999}\n"
                             "output: {colormap: rainbow, normalize: maybe}\n"
                             "input: {max_image_mb: 1.5}\n");
  const auto yaml = YAML::Load(wrong.text);
  EXPECT_FALSE(yaml["server"]["port"]);
  EXPECT_FALSE(yaml["output"]);
  EXPECT_FALSE(yaml["input"]);
  EXPECT_NE(notes(wrong).find("server.port (99999): must be a whole number in 1..65535"),
            std::string::npos)
      << notes(wrong);
  EXPECT_NE(notes(wrong).find("viridis, plasma"), std::string::npos);
}

TEST(MigrateTranslate, Keys_that_nobody_knows_are_named) {
  EXPECT_NE(notes(of_yaml("hailo-pose", "mine: {own: 7}")).find("mine.own (7): no key of ours"),
            std::string::npos);
}

TEST(MigrateTranslate, What_is_not_taken_over_cannot_forge_a_line_of_the_file) {
  const auto forged = of_yaml("hailo-pose",
                              "\"x\\nserver: {host: evil}\": \"y\\nserver: {port: 1}\"\n"
                              "model: {name: \"a: b\\n  # c\"}");
  const auto yaml = YAML::Load(forged.text);
  EXPECT_EQ(yaml["server"]["host"].Scalar(), "127.0.0.1");
  EXPECT_FALSE(yaml["server"]["port"]);
  EXPECT_EQ(yaml["model"]["name"].Scalar(), "a: b\n  # c");
}

TEST(MigrateTranslate, A_model_that_moved_is_named_by_its_new_place) {
  const auto moved =
      of_yaml("hailo-pose", "model: {name: /var/lib/hailo-pose/my.hef}",
              {.moved = {{"/var/lib/hailo-pose/my.hef", "/var/lib/hailo/models/my.hef"}}});
  const auto yaml = YAML::Load(moved.text);
  EXPECT_EQ(yaml["model"]["path"].Scalar(), "/var/lib/hailo/models/my.hef");
  EXPECT_EQ(yaml["model"]["name"].Scalar(), "my");
}

TEST(MigrateTranslate, The_managers_variables_are_read_as_its_Python_read_them) {
  const auto of_env = [](std::string_view text) {
    return YAML::Load(
        translate(service(kManager), parse_old_environment(text), {.source = "x"}).text);
  };
  const auto usual = of_env(
      "# comment\nHAILO_DEVICE_SOCKET=\"/run/hailo/device.sock\"\n"
      "HAILO_DEVICE_SOCKET_MODE=0666\nHAILO_DEVICE_GROUP_ID=-1\n");
  EXPECT_EQ(usual["socket"]["path"].Scalar(), "/run/hailo/device.sock");
  EXPECT_FALSE(usual["socket"]["mode"]);  // 0666 was no number there
  EXPECT_FALSE(usual["http"]);
  EXPECT_EQ(of_env("HAILO_DEVICE_SOCKET_MODE=0o666\n")["socket"]["mode"].Scalar(), "0666");
  EXPECT_FALSE(of_env("HAILO_DEVICE_SOCKET=/tmp/x.sock\n")["socket"]);
  for (const auto& [was, is] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0.0.0.0:5099", "127.0.0.1:5099"},
           {"5100", "127.0.0.1:5100"},
           {":5100", "127.0.0.1:5100"},
           {"192.168.1.2:5099", "192.168.1.2:5099"},
           {"off", "off"},
           {"", "off"},
           {"localhost:http", "off"}}) {
    EXPECT_EQ(of_env(fmt::format("HAILO_DEVICE_HTTP_BIND={}\n", was))["http"]["bind"].Scalar(), is)
        << was;
  }
}

TEST(MigrateTranslate, A_file_that_is_none_is_refused) {
  std::string deep = "a: 1";
  for (int i = 0; i < 10; ++i) deep = fmt::format("a: {{{}}}", deep);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += fmt::format("k{}: 1\n", i);
  const std::string laughs =
      "a: &a {x: 1, y: 2}\nb: &b {a: *a, c: *a}\nc: &c {a: *b, c: *b}\nd: {e: *c, f: *c}\n" + many;
  for (const std::string& text :
       {std::string("- a\n- b\n"), std::string("just text"), std::string("a: [b"),
        std::string("a: [[1]]"), std::string("\x01\x02"), std::string("a: \t{"), deep, many,
        laughs}) {
    const auto keys = parse_old_yaml(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, ErrorCode::kMalformed);
  }
  EXPECT_TRUE(parse_old_yaml("")->empty());
  EXPECT_TRUE(parse_old_yaml("# only a comment\n")->empty());
}

}  // namespace
}  // namespace npu::cli::migrate
