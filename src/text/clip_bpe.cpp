#include "text/clip_bpe.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "text/byte_names.hpp"
#include "text/clip_words.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

constexpr std::size_t kBytes = 256;
constexpr std::string_view kEndOfWord = "</w>";

std::uint64_t key_of(std::uint32_t left, std::uint32_t right) {
  return (std::uint64_t{left} << 32) | right;
}

struct Letter {
  std::uint8_t byte = 0;
  std::string name;
};

// In the order of the vocabulary, which is that of their names.
std::array<Letter, kBytes> letters() {
  std::array<Letter, kBytes> result;
  for (std::size_t i = 0; i < kBytes; ++i) result[i].byte = static_cast<std::uint8_t>(i);
  std::ranges::sort(result, {}, [](const Letter& letter) { return name_of_byte(letter.byte); });
  for (Letter& letter : result) append_character(letter.name, name_of_byte(letter.byte));
  return result;
}

// The next line, without its end; nothing behind the last one.
std::optional<std::string_view> next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

// The symbols of one word while they are merged: a list, and the pairs of it that may be, the one
// of the lowest rank first and of these the leftmost.
class ClipBpe::Word {
 public:
  Word(const ClipBpe& bpe, std::string_view bytes) : bpe_(bpe) {
    nodes_.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(bytes[i]);
      const auto& symbols = i + 1 == bytes.size() ? bpe.last_ : bpe.inner_;
      nodes_.push_back({symbols[byte], static_cast<std::int64_t>(i) - 1, i + 1});
    }
    for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) offer(i);
  }

  void merge() {
    while (!pairs_.empty()) {
      // All of one rank, before what they make: the original does so, and the order matters where a
      // list has the same token twice.
      const std::uint32_t rank = pairs_.top().first;
      merged_.clear();
      for (; !pairs_.empty() && pairs_.top().first == rank; pairs_.pop()) {
        join(pairs_.top().second, rank);
      }
      for (const std::size_t at : merged_) {
        if (nodes_[at].before >= 0) offer(static_cast<std::size_t>(nodes_[at].before));
        offer(at);
      }
    }
  }

  void add_ids(std::vector<std::int32_t>& ids, std::size_t most) const {
    for (std::size_t at = 0; at < nodes_.size() && ids.size() < most; at = nodes_[at].after) {
      ids.push_back(bpe_.ids_[nodes_[at].symbol]);
    }
  }

 private:
  struct Node {
    Symbol symbol;
    std::int64_t before;  // -1: none
    std::size_t after;    // nodes_.size(): none
    bool joined = false;  // to the one before it
  };
  using Pair = std::pair<std::uint32_t, std::size_t>;  // rank, where the left symbol stands

  const Merge* merge_at(std::size_t at) const {
    const Node& node = nodes_[at];
    if (node.joined || node.after == nodes_.size()) return nullptr;
    return bpe_.merge_of(node.symbol, nodes_[node.after].symbol);
  }

  void offer(std::size_t at) {
    if (const Merge* merge = merge_at(at)) pairs_.emplace(merge->rank, at);
  }

  // Unless the pair that was offered is not there any more.
  void join(std::size_t at, std::uint32_t rank) {
    const Merge* merge = merge_at(at);
    if (merge == nullptr || merge->rank != rank) return;
    Node& left = nodes_[at];
    Node& right = nodes_[left.after];
    left.symbol = merge->result;
    left.after = right.after;
    right.joined = true;
    if (left.after < nodes_.size()) nodes_[left.after].before = static_cast<std::int64_t>(at);
    merged_.push_back(at);
  }

  const ClipBpe& bpe_;
  std::vector<Node> nodes_;
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> pairs_;
  std::vector<std::size_t> merged_;
};

Result<ClipBpe> ClipBpe::from_merges(std::string_view text) {
  ClipBpe bpe;
  std::unordered_map<std::string, Symbol> symbols;
  const auto symbol_of = [&](std::string name) {
    const auto [found, is_new] =
        symbols.emplace(std::move(name), static_cast<Symbol>(bpe.ids_.size()));
    if (is_new) bpe.ids_.push_back(-1);
    return found->second;
  };
  std::int32_t id = 0;
  const auto named = [&](std::string name) {
    const Symbol symbol = symbol_of(std::move(name));
    bpe.ids_[symbol] = id++;
    return symbol;
  };
  const auto bytes = letters();
  for (const Letter& letter : bytes) bpe.inner_[letter.byte] = named(letter.name);
  for (const Letter& letter : bytes) {
    bpe.last_[letter.byte] = named(letter.name + std::string(kEndOfWord));
  }
  (void)next_line(text);
  for (std::uint32_t rank = 0; rank < kMergesOfClip; ++rank) {
    const auto line = next_line(text);
    if (!line) break;
    const auto gap = line->find(' ');
    if (gap == 0 || gap == std::string_view::npos || gap + 1 == line->size() ||
        line->find(' ', gap + 1) != std::string_view::npos) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("line {} of the merges must be two symbols with a space between, got "
                              "\"{}\"",
                              rank + 2, valid_utf8(utf8_prefix(*line, 32))));
    }
    std::string left(line->substr(0, gap));
    std::string right(line->substr(gap + 1));
    const std::uint64_t pair = key_of(symbol_of(left), symbol_of(right));
    bpe.merges_.insert_or_assign(pair, Merge{rank, named(left + right)});
  }
  bpe.end_ = id + 1;
  return bpe;
}

const ClipBpe::Merge* ClipBpe::merge_of(Symbol left, Symbol right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

std::vector<std::int32_t> ClipBpe::encode(std::string_view text, std::size_t most) const {
  std::vector<std::int32_t> ids;
  for (const std::string& bytes : clip_words(text)) {
    if (ids.size() >= most) break;
    if (bytes == kClipStart || bytes == kClipEnd) {
      ids.push_back(bytes == kClipStart ? start() : end());
      continue;
    }
    Word word(*this, bytes);
    word.merge();
    word.add_ids(ids, most);
  }
  return ids;
}

}  // namespace npu::text
