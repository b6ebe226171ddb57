// Texts, of which those are found that a text begins with.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {

class ByteTrie {
 public:
  void add(std::string_view text, TokenId id) {
    std::uint32_t node = 0;
    for (const char byte : text) {
      const auto [at, is_new] =
          children_.try_emplace(key_of(node, byte), static_cast<std::uint32_t>(ids_.size()));
      if (is_new) ids_.push_back(kNone);
      node = at->second;
    }
    ids_[node] = id;
  }

  // found(bytes, id), the shortest first.
  template <class Found>
  void for_each_prefix(std::string_view text, Found found) const {
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto child = children_.find(key_of(node, text[i]));
      if (child == children_.end()) return;
      node = child->second;
      if (ids_[node] != kNone) found(i + 1, ids_[node]);
    }
  }

  bool empty() const { return ids_.size() == 1; }

 private:
  static constexpr TokenId kNone = -1;
  static std::uint64_t key_of(std::uint32_t node, char byte) {
    return (std::uint64_t{node} << 8) | static_cast<unsigned char>(byte);
  }

  std::vector<TokenId> ids_{kNone};  // by node; the first is the root
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> children_;
};

}  // namespace npu::text
