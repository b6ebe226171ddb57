#include "services/clip/tokenizer_file.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::clip {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

// As Hugging Face's library has a vocabulary with one merge; merge: "a b" or ["a", "b"].
json::object tokenizer_json(json::value merge) {
  json::object vocabulary;
  for (int id = 0; id < 512; ++id) vocabulary["token" + std::to_string(id)] = id;
  vocabulary.erase("token0");
  vocabulary.erase("token256");
  vocabulary["!"] = 0;
  vocabulary["!</w>"] = 256;
  vocabulary["ab"] = 512;
  vocabulary["<|startoftext|>"] = 513;
  vocabulary["<|endoftext|>"] = 514;
  json::object model{{"type", "BPE"}};
  model["vocab"] = std::move(vocabulary);
  model["merges"] = json::array{std::move(merge)};
  json::object file{{"version", "1.0"}};
  file["model"] = std::move(model);
  return file;
}

std::string refused(const json::object& file) {
  const auto bpe = parse_tokenizer(json::serialize(file));
  return bpe ? "taken" : bpe.error().message;
}

TEST(TokenizerFile, Both_formats_give_the_same_tokens) {
  const auto merges = parse_tokenizer("#version: 0.2\na b\n");
  ASSERT_TRUE(merges);
  for (const json::value& merge : {json::value("a b"), json::value(json::array{"a", "b"})}) {
    const auto bpe = parse_tokenizer(json::serialize(tokenizer_json(merge)));
    ASSERT_TRUE(bpe) << bpe.error().message;
    EXPECT_EQ(bpe->size(), merges->size());
    EXPECT_EQ(bpe->encode("abc"), merges->encode("abc"));
  }
}

TEST(TokenizerFile, What_is_not_clips_is_refused) {
  auto other = tokenizer_json("a b");
  other["model"].as_object()["vocab"].as_object()["<|endoftext|>"] = 0;
  EXPECT_THAT(refused(other), HasSubstr("not CLIP's"));
  EXPECT_THAT(refused(tokenizer_json(7)), HasSubstr("pairs of texts"));
  EXPECT_THAT(refused(tokenizer_json("ab")), HasSubstr("line 2 of the merges"));
  EXPECT_THAT(refused({}), HasSubstr("model.vocab and model.merges"));
  EXPECT_THAT(parse_tokenizer("{").error().message, HasSubstr("no JSON"));
  EXPECT_THAT(parse_tokenizer("\x1f\x8b\x08").error().message, HasSubstr("gunzip"));
}

}  // namespace
}  // namespace npu::clip
