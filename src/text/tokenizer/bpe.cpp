#include "text/tokenizer/bpe.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::text {
namespace {

constexpr TokenId kNoToken = -1;

std::uint64_t key_of(TokenId left, TokenId right) {
  return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) |
         static_cast<std::uint32_t>(right);
}

}  // namespace

// The tokens of one piece while they are merged: a list, and the pairs of it that may be, the one
// of the lowest rank first and of these the leftmost.
class Bpe::Word {
 public:
  explicit Word(const Bpe& bpe) : bpe_(bpe) {}

  void reserve(std::size_t count) { nodes_.reserve(count); }
  void add(TokenId id) {
    nodes_.push_back({id, index(nodes_.size()) - 1, index(nodes_.size()) + 1});
  }

  void merge() {
    if (nodes_.empty()) return;
    nodes_.back().after = kNone;
    for (std::int32_t at = 0; at < index(nodes_.size()); ++at) offer(at);
    while (!pairs_.empty()) {
      const Pair pair = pairs_.top();
      pairs_.pop();
      join(pair);
    }
  }

  void add_to(std::vector<TokenId>& ids) const {
    if (nodes_.empty()) return;
    for (std::int32_t at = 0; at != kNone; at = node(at).after) ids.push_back(node(at).id);
  }

 private:
  static constexpr std::int32_t kNone = -1;
  struct Node {
    TokenId id;
    std::int32_t before;
    std::int32_t after;
    bool joined = false;  // to the one before it
  };
  struct Pair {
    std::uint32_t rank;
    std::int32_t at;  // where the left one stands
    TokenId result;
    bool operator>(const Pair& other) const {
      return std::tie(rank, at) > std::tie(other.rank, other.at);
    }
  };

  static std::int32_t index(std::size_t at) { return static_cast<std::int32_t>(at); }
  const Node& node(std::int32_t at) const { return nodes_[static_cast<std::size_t>(at)]; }
  Node& node(std::int32_t at) { return nodes_[static_cast<std::size_t>(at)]; }

  const Merge* merge_at(std::int32_t at) const {
    const Node& left = node(at);
    if (left.joined || left.after == kNone) return nullptr;
    return bpe_.merge_of(left.id, node(left.after).id);
  }

  void offer(std::int32_t at) {
    if (const Merge* merge = merge_at(at)) pairs_.push({merge->rank, at, merge->result});
  }

  // Unless the pair that was offered is not there any more.
  void join(const Pair& pair) {
    const Merge* merge = merge_at(pair.at);
    if (merge == nullptr || merge->result != pair.result) return;
    Node& left = node(pair.at);
    Node& right = node(left.after);
    left.id = merge->result;
    left.after = right.after;
    right.joined = true;
    if (left.after != kNone) node(left.after).before = pair.at;
    if (left.before != kNone) offer(left.before);
    offer(pair.at);
  }

  const Bpe& bpe_;
  std::vector<Node> nodes_;
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> pairs_;
};

Bpe::Bpe(const Vocabulary& vocabulary, BpeRules rules)
    : vocabulary_(vocabulary),
      rules_(std::move(rules)),
      whole_(std::make_unique<std::atomic<std::uint8_t>[]>(
          static_cast<std::size_t>(vocabulary.size()))) {
  if (!rules_.unknown.empty()) unknown_ = vocabulary_.find(rules_.unknown);
  if (!rules_.of_bytes && rules_.prefix.empty() && rules_.suffix.empty()) {
    joints_.emplace(vocabulary_);
  }
  byte_ids_.fill(kNoToken);
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    const auto id = rules_.of_bytes ? vocabulary_.find(std::string(1, static_cast<char>(byte)))
                    : rules_.byte_fallback ? vocabulary_.find(fmt::format("<0x{:02X}>", byte))
                                           : std::nullopt;
    byte_ids_[byte] = id.value_or(kNoToken);
  }
}

Result<std::unique_ptr<Bpe>> Bpe::make(const Vocabulary& vocabulary, const Texts& merges,
                                       BpeRules rules) {
  std::unique_ptr<Bpe> bpe(new Bpe(vocabulary, std::move(rules)));
  if (auto ok = bpe->add_merges(merges); !ok) return fail(ok.error());
  return bpe;
}

Status Bpe::add_merges(const Texts& merges) {
  merges_.reserve(merges.size() / 2);
  std::string joined;
  for (std::size_t i = 0; i + 1 < merges.size(); i += 2) {
    const auto left = vocabulary_.find(merges[i]);
    const auto right = vocabulary_.find(merges[i + 1]);
    joined = merges[i];
    joined += merges[i + 1].substr(std::min(rules_.prefix.size(), merges[i + 1].size()));
    const auto result = vocabulary_.find(joined);
    if (!left || !right || !result) {
      const std::string_view missing = !left ? merges[i] : !right ? merges[i + 1] : joined;
      return fail(ErrorCode::kMalformed,
                  fmt::format("merge {} needs the token \"{}\", which the vocabulary does not have",
                              i / 2, for_terminal(utf8_prefix(missing, 64))));
    }
    const auto rank = static_cast<std::uint32_t>(i / 2);
    merges_.insert_or_assign(key_of(*left, *right), Merge{rank, *result});
  }
  return {};
}

const Bpe::Merge* Bpe::merge_of(TokenId left, TokenId right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

bool Bpe::add_bytes(std::string_view symbol, Word& word) const {
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (std::ranges::find(symbol, kNoToken, id_of) != symbol.end()) return false;
  for (const char byte : symbol) word.add(id_of(byte));
  return true;
}

void Bpe::add_symbols(std::string_view piece, Word& word) const {
  if (rules_.of_bytes && add_bytes(piece, word)) return;
  const bool marked = !rules_.prefix.empty() || !rules_.suffix.empty();
  bool after_unknown = false;
  std::string with_marks;
  for (std::string_view rest = piece; !rest.empty();) {
    const std::size_t size = rules_.of_bytes ? 1 : utf8_first(rest).size();
    std::string_view symbol = rest.substr(0, size);
    if (marked) {
      with_marks = rest.size() < piece.size() ? rules_.prefix : std::string();
      with_marks += symbol;
      if (size == rest.size()) with_marks += rules_.suffix;
      symbol = with_marks;
    }
    rest.remove_prefix(size);
    if (const auto id = vocabulary_.find(symbol)) {
      word.add(*id);
      after_unknown = false;
    } else if (!rules_.of_bytes && add_bytes(symbol, word)) {
      after_unknown = false;
    } else if (unknown_) {
      if (!after_unknown || !rules_.fuse_unknown) word.add(*unknown_);
      after_unknown = true;
    }
  }
}

void Bpe::merge(std::string_view piece, std::vector<TokenId>& ids) const {
  Word word(*this);
  word.reserve(piece.size());
  add_symbols(piece, word);
  word.merge();
  word.add_to(ids);
}

void Bpe::tokenize(std::string_view piece, std::vector<TokenId>& ids) const {
  if (rules_.ignore_merges) {
    if (const auto token = vocabulary_.find(piece)) return ids.push_back(*token);
  }
  if (!joints_) return tokenize_part(piece, ids);
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, joints_->part_of(piece));
    tokenize_part(part, ids);
    piece.remove_prefix(part.size());
  }
}

// Most parts of a text are tokens. Merging nearly always finds that out again.
void Bpe::tokenize_part(std::string_view part, std::vector<TokenId>& ids) const {
  const auto token = vocabulary_.find(part);
  if (!token) return merge(part, ids);
  std::atomic<std::uint8_t>& whole = whole_[static_cast<std::size_t>(*token)];
  if (whole.load(std::memory_order_relaxed) == kWhole) return ids.push_back(*token);
  const std::size_t before = ids.size();
  merge(part, ids);
  const bool is_one = ids.size() == before + 1 && ids.back() == *token;
  whole.store(is_one ? kWhole : kParts, std::memory_order_relaxed);
}

}  // namespace npu::text
