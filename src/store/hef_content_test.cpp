// What hostile descriptions cost. What is read of honest ones:
// tests/integration/cli/test_inspect.py, against files that an independent writer made, and real
// ones.
#include "store/hef_content.hpp"

#include <string>

#include <gtest/gtest.h>

#include "fakes/hailort/fake_hef.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::store {
namespace {

std::string as_varint(std::uint64_t number) {
  std::string out;
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  return out + static_cast<char>(number);
}

std::string field(std::uint32_t number, const std::string& content) {
  return as_varint(number << 3 | 2) + as_varint(content.size()) + content;
}

std::string repeated(int times, const std::string& text) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const std::string kNoGroup = field(1, std::string("\x08\x67", 2));

std::string group(const std::string& inside) {
  return kNoGroup + field(2, field(1, field(1, "net")) + inside);
}

// In a context, connected to the host.
std::string layer(const std::string& inside) { return field(3, field(3, field(2, inside))); }

std::string refusal(const std::string& description) {
  const auto content = parse_hef_description(description);
  EXPECT_FALSE(content);
  if (content) return {};
  EXPECT_EQ(content.error().code, ErrorCode::kMalformed);
  return content.error().message;
}

TEST(HefContent, An_intact_one_is_taken) {
  const auto content = parse_hef_description(group(layer(field(3, field(1, "in")))));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->architectures, (std::vector<std::string>{"HAILO15H", "HAILO10H"}));
  ASSERT_EQ(content->groups.size(), 1U);
  EXPECT_EQ(content->groups[0].name, "net");
  ASSERT_EQ(content->groups[0].inputs.size(), 1U);
  EXPECT_EQ(content->groups[0].inputs[0].name, "in");
}

TEST(HefContent, What_is_no_description_is_said) {
  EXPECT_NE(refusal("").find("no network"), std::string::npos);
  EXPECT_NE(refusal(kNoGroup).find("no network"), std::string::npos);
  EXPECT_NE(refusal("kind: tensor").find("damaged"), std::string::npos);
  const std::string whole = group(layer(field(3, field(1, "in"))));
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 1)).find("damaged"), std::string::npos);
}

TEST(HefContent, Counts_are_bounded) {
  EXPECT_NE(refusal(kNoGroup + repeated(20000, field(2, ""))).find("more parts"),
            std::string::npos);
  EXPECT_NE(refusal(group(repeated(20000, field(4, "")))).find("more parts"), std::string::npos);
  EXPECT_NE(refusal(group(repeated(20000, field(7, field(1, ""))))).find("more parts"),
            std::string::npos);
  const std::string numbers = field(3, field(6, std::string(8 * 600000, '\0')));
  EXPECT_NE(refusal(group(layer(field(3, numbers)))).find("more numbers"), std::string::npos);
  const std::string anchors = field(7, field(4, field(2, std::string(600000, '\x01'))));
  EXPECT_NE(refusal(group(field(8, field(5, anchors)))).find("more numbers"), std::string::npos);
}

TEST(HefContent, Layers_between_contexts_cost_nothing) {
  const std::string between = layer(field(3, field(1, "between")) + field(5, "\x18\x01"));
  const auto content = parse_hef_description(group(repeated(20000, between)));
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->groups[0].inputs.empty());
}

TEST(HefContent, Names_and_nesting_are_bounded) {
  EXPECT_NE(refusal(group(layer(field(3, field(1, std::string(513, 'x')))))).find("513 bytes"),
            std::string::npos);
  std::string mux = field(1, "leaf");
  for (int i = 0; i < 100; ++i) mux = field(5, field(2, mux));
  EXPECT_NE(refusal(group(layer(field(4, mux)))).find("too deeply"), std::string::npos);
}

TEST(HefContent, A_file_of_a_newer_format_and_one_that_is_missing_are_told_apart) {
  const fakes::TempDir folder;
  const auto newer = read_hef_content(folder.file("new.hef", fakes::hef_header(4, 4) + "1234"));
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
  const auto none = read_hef_content(folder.path("none.hef"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace npu::store
