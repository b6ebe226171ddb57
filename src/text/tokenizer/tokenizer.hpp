// Text to tokens and back, as a model's tokenizer.json says.
//
//   const auto tokenizer = Tokenizer::from_json(text_of("tokenizer.json"));
//   const auto ids = tokenizer->encode("Hello", {.adds_special = true});
//   tokenizer->decode(*ids, {});                          // "Hello"
//
//   Detokenizer stream(*tokenizer);                       // while tokens come
//   said += stream.add(id);
//   said += stream.finish();
//
// Equal to Hugging Face's libraries for byte-level and SentencePiece-like BPE, WordPiece and
// Unigram, with the normalizers, pre-tokenizers, post-processors and decoders that published models
// use. What is not known here is an error when the file is read, never other tokens.
//
// Immutable; safe to use from any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "text/tokenizer/decoders.hpp"
#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {

struct EncodeOptions {
  bool adds_special = false;   // what the model wants at the beginning and the end of a text
  bool reads_special = false;  // <|im_end|> in the text is that token, not what it is written with
};

class Tokenizer {
 public:
  // kMalformed, kTooLarge; kUnsupported names the part that is not known here.
  static Result<Tokenizer> from_json(std::string_view json);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // What is no UTF-8 becomes U+FFFD before. Takes n log n of the text's length; kUnsupported where
  // a pattern of the tokenizer would take longer.
  Result<std::vector<TokenId>> encode(std::string_view text,
                                      const EncodeOptions& options = {}) const;

  // Valid UTF-8. Numbers that are no token say nothing.
  std::string decode(std::span<const TokenId> ids, bool skips_special = true) const;

  // One more than the largest number of a token.
  TokenId size() const;
  std::optional<TokenId> find(std::string_view token) const;
  bool is_special(TokenId id) const;
  // The bytes that it says within a text, without what a decoder does at the text's beginning.
  std::string bytes_of(TokenId id) const;

 private:
  friend class Detokenizer;
  struct Parts;
  explicit Tokenizer(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

// The text of tokens that come one by one: whole characters, as soon as they are. Not thread safe.
class Detokenizer {
 public:
  // The tokenizer outlives this.
  explicit Detokenizer(const Tokenizer& tokenizer, bool skips_special = true);

  // What is new; "" while a character is not complete.
  std::string add(TokenId id);
  // The rest: U+FFFD for what was begun.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool skips_special_;
  std::vector<DecoderPart::State> states_;  // of each part of the decoder
  std::string tail_;                        // bytes of a character that is not complete
};

}  // namespace npu::text
