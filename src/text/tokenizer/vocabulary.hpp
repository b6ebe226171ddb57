// The tokens of a model: what each is as text, and which number a text has.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <npu/result.hpp>

namespace npu::text {

using TokenId = std::int32_t;

class Vocabulary {
 public:
  static constexpr TokenId kMostTokens = 1 << 20;

  // kInvalidArgument where the id is out of bounds. Of two with one text the last counts, of two
  // with one id too. is_found: that find() finds it.
  Status add(std::string_view text, std::int64_t id, bool is_found = true);

  std::optional<TokenId> find(std::string_view text) const;
  // "" for an id that is none.
  std::string_view text_of(TokenId id) const;
  // One more than the largest id.
  TokenId size() const { return static_cast<TokenId>(texts_.size()); }
  bool has(TokenId id) const { return id >= 0 && id < size() && texts_[id].data() != nullptr; }

 private:
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_ =
      std::make_unique<std::pmr::monotonic_buffer_resource>(1 << 16);
  std::vector<std::string_view> texts_;  // by id
  boost::unordered_flat_map<std::string_view, TokenId> ids_;
};

}  // namespace npu::text
