#include "text/tokenizer/vocabulary.hpp"

#include <cstring>

#include <fmt/format.h>

namespace npu::text {

Status Vocabulary::add(std::string_view text, std::int64_t id, bool is_found) {
  if (id < 0 || id >= kMostTokens) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a token's id must be in 0..{}, got {}", kMostTokens - 1, id));
  }
  auto* bytes = static_cast<char*>(memory_->allocate(text.size() + 1, 1));
  std::memcpy(bytes, text.data(), text.size());
  const std::string_view kept(bytes, text.size());
  if (id >= size()) texts_.resize(static_cast<std::size_t>(id) + 1);
  texts_[static_cast<std::size_t>(id)] = kept;
  if (is_found) ids_.insert_or_assign(kept, static_cast<TokenId>(id));
  return {};
}

std::optional<TokenId> Vocabulary::find(std::string_view text) const {
  const auto found = ids_.find(text);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string_view Vocabulary::text_of(TokenId id) const {
  return has(id) ? texts_[static_cast<std::size_t>(id)] : std::string_view();
}

}  // namespace npu::text
