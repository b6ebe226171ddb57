// Small tokenizers for tests.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "text/tokenizer/tokenizer.hpp"

namespace npu::text {

// A tokenizer.json; the parts are JSON.
struct Made {
  std::vector<std::string> tokens;  // their ids are their places
  std::vector<std::pair<std::string, std::string>> merges;
  std::string model;  // more members
  std::string normalizer = "null";
  std::string pre_tokenizer = "null";
  std::string post_processor = "null";
  std::string decoder = "null";
  std::string added = "[]";
};

inline std::string json_of(const Made& parts) {
  boost::json::object vocabulary;
  for (const auto& token : parts.tokens) vocabulary[token] = vocabulary.size();
  boost::json::array merges;
  for (const auto& [left, right] : parts.merges) {
    merges.push_back({boost::json::value(left), boost::json::value(right)});
  }
  return R"({"model": {"type": "BPE", "vocab": )" + boost::json::serialize(vocabulary) +
         R"(, "merges": )" + boost::json::serialize(merges) +
         (parts.model.empty() ? "" : ", " + parts.model) + R"(}, "normalizer": )" +
         parts.normalizer + R"(, "pre_tokenizer": )" + parts.pre_tokenizer +
         R"(, "post_processor": )" + parts.post_processor + R"(, "decoder": )" + parts.decoder +
         R"(, "added_tokens": )" + parts.added + "}";
}

inline Tokenizer made(const Made& parts) {
  auto tokenizer = Tokenizer::from_json(json_of(parts));
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return std::move(tokenizer.value());
}

// Names of bytes, and some merges of English.
inline Tokenizer of_bytes() {
  Made parts;
  for (int byte = 0, others = 0; byte < 256; ++byte) {
    const bool printable =
        (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    const int c = printable ? byte : 256 + others++;
    std::string name;
    if (c < 0x80) {
      name = {static_cast<char>(c)};
    } else {
      name = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    parts.tokens.push_back(name);
  }
  for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{
           {"\u0120", "t"}, {"h", "e"}, {"\u0120t", "he"}}) {
    parts.tokens.push_back(left + right);
    parts.merges.emplace_back(left, right);
  }
  parts.pre_tokenizer = R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": true})";
  parts.decoder = R"({"type": "ByteLevel"})";
  return made(parts);
}

// What the tokens of a text are called.
inline std::vector<std::string> tokens(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> names;
  const auto ids = tokenizer.encode(text);
  EXPECT_TRUE(ids) << ids.error().message;
  for (const TokenId id : *ids) {
    std::string name = tokenizer.bytes_of(id);
    // A decoder that is null has a space before each.
    names.push_back(name.starts_with(' ') && name.size() > 1 ? name.substr(1) : name);
  }
  return names;
}

}  // namespace npu::text
