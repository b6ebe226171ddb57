#include "text/tokenizer/decoders.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "text/tokenizer/described.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

class Spaces final : public DecoderPart {
 public:
  void decode(std::string& text, State& state) const override {
    if (std::exchange(state.begun, true)) text.insert(0, " ");
  }
};

class Replace final : public DecoderPart {
 public:
  Replace(std::string what, std::string by) : what_(std::move(what)), by_(std::move(by)) {}
  void decode(std::string& text, State&) const override { replace_all(text, what_, by_); }

 private:
  std::string what_;
  std::string by_;
};

class ByteFallback final : public DecoderPart {
 public:
  void decode(std::string& text, State&) const override {
    constexpr std::size_t kByteToken = 6;  // of <0x0A>
    if (text.size() != kByteToken || !text.starts_with("<0x") || !text.ends_with('>')) return;
    unsigned byte = 0;
    const char* end = text.data() + kByteToken - 1;
    if (std::from_chars(text.data() + 3, end, byte, 16).ptr != end) return;
    text.assign(1, static_cast<char>(byte));
  }
};

struct Edges {
  std::string content;
  std::size_t start = 0;  // how many there may be
  std::size_t stop = 0;
};

// Of each token.
class Strip final : public DecoderPart {
 public:
  explicit Strip(Edges edges) : edges_(std::move(edges)) {}
  void decode(std::string& text, State&) const override {
    const std::size_t size = edges_.content.size();
    for (std::size_t i = 0; i < edges_.start && text.starts_with(edges_.content); ++i) {
      text.erase(0, size);
    }
    for (std::size_t i = 0; i < edges_.stop && text.ends_with(edges_.content); ++i) {
      text.resize(text.size() - size);
    }
  }

 private:
  Edges edges_;
};

// Of the beginning of the whole text.
class StripBeginning final : public DecoderPart {
 public:
  explicit StripBeginning(Edges edges) : edges_(std::move(edges)) {}
  void decode(std::string& text, State& state) const override {
    while (!state.begun && state.stripped < edges_.start && text.starts_with(edges_.content)) {
      text.erase(0, edges_.content.size());
      ++state.stripped;
    }
    state.begun = state.begun || !text.empty();
  }

 private:
  Edges edges_;
};

class Metaspace final : public DecoderPart {
 public:
  Metaspace(std::string space, bool spaced) : space_(std::move(space)), spaced_(spaced) {}
  void decode(std::string& text, State& state) const override {
    const bool is_first = !std::exchange(state.begun, true);
    replace_all(text, space_, is_first && spaced_ ? "" : " ");
  }

 private:
  std::string space_;
  bool spaced_;  // encoding has put one at the beginning
};

class WordPieces final : public DecoderPart {
 public:
  WordPieces(std::string prefix, bool cleans) : prefix_(std::move(prefix)), cleans_(cleans) {}
  void decode(std::string& text, State& state) const override {
    if (std::exchange(state.begun, true)) {
      if (!prefix_.empty() && text.starts_with(prefix_)) {
        text.erase(0, prefix_.size());
      } else {
        text.insert(0, " ");
      }
    }
    if (!cleans_) return;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTypography{
        {{" .", "."},
         {" ?", "?"},
         {" !", "!"},
         {" ,", ","},
         {" ' ", "'"},
         {" n't", "n't"},
         {" 'm", "'m"},
         {" do not", " don't"},
         {" 's", "'s"},
         {" 've", "'ve"},
         {" 're", "'re"}}};
    for (const auto& [what, by] : kTypography) replace_all(text, what, by);
  }

 private:
  std::string prefix_;
  bool cleans_;
};

class EndsOfWords final : public DecoderPart {
 public:
  explicit EndsOfWords(std::string suffix) : suffix_(std::move(suffix)) {}
  void decode(std::string& text, State& state) const override {
    const bool due = std::exchange(state.space_due, false);
    if (!suffix_.empty() && text.find(suffix_) != std::string::npos) {
      state.space_due = text.ends_with(suffix_);
      if (state.space_due) text.resize(text.size() - suffix_.size());
      replace_all(text, suffix_, " ");
    }
    if (due) text.insert(0, " ");
  }

 private:
  std::string suffix_;
};

struct Build {
  Decoder parts;
  bool fused = false;
  int depth = 0;
};

Status add(const bj::value& described, Build& build);

Status add_sequence(const bj::object& in, Build& build) {
  constexpr int kDeepest = 8;
  const auto* parts = in.if_contains("decoders");
  if (parts == nullptr || !parts->is_array() || ++build.depth > kDeepest) {
    return fail(ErrorCode::kMalformed, "decoders must be a list of parts");
  }
  for (const auto& part : parts->get_array()) {
    if (auto ok = add(part, build); !ok) return ok;
  }
  --build.depth;
  return {};
}

Status add_strip(const bj::value& described, Build& build) {
  const bj::object& in = described.get_object();
  constexpr std::int64_t kMost = 64;
  const auto start = number_in(in, "start", 0);
  const auto stop = number_in(in, "stop", 0);
  Edges edges{std::string(text_in(in, "content")), static_cast<std::size_t>(start),
              static_cast<std::size_t>(stop)};
  if (edges.content.empty() || start < 0 || start > kMost || stop < 0 || stop > kMost ||
      (build.fused && stop > 0)) {
    return unknown_part("decoder", described);
  }
  if (build.fused) {
    build.parts.push_back(std::make_unique<StripBeginning>(std::move(edges)));
  } else {
    build.parts.push_back(std::make_unique<Strip>(std::move(edges)));
  }
  return {};
}

Status add_replace(const bj::value& described, Build& build) {
  const bj::object& in = described.get_object();
  const auto* pattern = in.if_contains("pattern");
  const auto* object = pattern == nullptr ? nullptr : pattern->if_object();
  if (object == nullptr || !object->contains("String")) return unknown_part("decoder", described);
  build.parts.push_back(std::make_unique<Replace>(std::string(text_in(*object, "String")),
                                                  std::string(text_in(in, "content"))));
  return {};
}

Status add(const bj::value& described, Build& build) {
  const std::string_view type = type_of(described);
  if (type.empty()) return unknown_part("decoder", described);
  const bj::object& in = described.get_object();
  if (type == "Sequence") return add_sequence(in, build);
  if (type == "Strip") return add_strip(described, build);
  if (type == "Replace") return add_replace(described, build);
  if (type == "ByteLevel") return {};  // the vocabulary has bytes
  if (type == "Fuse") {
    build.fused = true;
  } else if (type == "ByteFallback") {
    build.parts.push_back(std::make_unique<ByteFallback>());
  } else if (type == "Metaspace") {
    const bool spaced =
        flag(in, "add_prefix_space", true) && text_in(in, "prepend_scheme", "always") != "never";
    build.parts.push_back(
        std::make_unique<Metaspace>(std::string(text_in(in, "replacement", "\u2581")), spaced));
  } else if (type == "WordPiece") {
    build.parts.push_back(std::make_unique<WordPieces>(std::string(text_in(in, "prefix", "##")),
                                                       flag(in, "cleanup", true)));
  } else if (type == "BPEDecoder") {
    build.parts.push_back(
        std::make_unique<EndsOfWords>(std::string(text_in(in, "suffix", "</w>"))));
  } else {
    return unknown_part("decoder", described);
  }
  return {};
}

}  // namespace

Result<Decoder> make_decoder(const bj::value& described) {
  Build build;
  if (described.is_null()) {
    build.parts.push_back(std::make_unique<Spaces>());
    return std::move(build.parts);
  }
  if (auto ok = add(described, build); !ok) return fail(ok.error());
  return std::move(build.parts);
}

}  // namespace npu::text
