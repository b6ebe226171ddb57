// Formats against published templates and what they render to (../shared/models, not part of the
// project: skipped without).
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "text/chat_format.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;

// Templates whose conversation and format are ones that we write.
const std::set<std::string, std::less<>> kOurs{
    "deepseek-ai/DeepSeek-R1", "Qwen/Qwen1.5-72B-Chat",      "Qwen/Qwen2.5-VL-7B-Instruct",
    "Qwen/Qwen3-0.6B",         "internlm/internlm2-chat-7b",
};

std::vector<ChatPart> parts_of(const bj::value& content) {
  if (content.is_string()) return {{.picture = false, .text = std::string(content.get_string())}};
  std::vector<ChatPart> parts;
  for (const auto& part : content.as_array()) {
    const bool picture = part.at("type") == "image";
    parts.push_back({picture, picture ? "" : std::string(part.at("text").as_string())});
  }
  return parts;
}

TEST(PublishedTemplates, Are_rendered_as_their_publishers_do) {
  const char* source = std::getenv("NPU_SOURCE_DIR");
  std::ifstream file(std::string(source != nullptr ? source : ".") +
                     "/../shared/models/language/chat_templates.json");
  if (!file) GTEST_SKIP() << "../shared/models is not there";
  const std::string all(std::istreambuf_iterator<char>(file), {});
  const bj::value entries = bj::parse(all);
  int compared = 0;
  for (const auto& entry : entries.as_array()) {
    const std::string name(entry.at("name").as_string());
    if (!kOurs.contains(name)) continue;
    const auto format = ChatFormat::of(entry.at("template").as_string());
    ASSERT_TRUE(format) << name;
    Chat chat;
    for (const auto& message : entry.at("data").at("messages").as_array()) {
      chat.push_back(
          {std::string(message.at("role").as_string()), parts_of(message.at("content"))});
    }
    std::string expected(entry.at("expected").as_string());
    if (const auto* begin = entry.at("data").as_object().if_contains("bos_token")) {
      if (expected.starts_with(begin->as_string())) expected.erase(0, begin->as_string().size());
    }
    std::string rendered = format->render(chat, "today");
    // Some of the conversations are rendered without the model's turn.
    if (rendered.starts_with(expected)) rendered.resize(expected.size());
    EXPECT_EQ(rendered, expected) << name;
    ++compared;
  }
  EXPECT_EQ(compared, static_cast<int>(kOurs.size()));
}

}  // namespace
}  // namespace npu::text
