// How tokens become text again: tokenizer.json's decoder, one token after another.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

namespace npu::text {

// A part of a decoder. Immutable; what it has to remember between the tokens of one text is in the
// State of that text.
class DecoderPart {
 public:
  struct State {
    bool begun = false;        // a token has passed
    bool space_due = false;    // a word has ended, and another one may follow
    std::size_t stripped = 0;  // characters at the beginning of the text
  };

  virtual ~DecoderPart() = default;
  // Changes what a token says.
  virtual void decode(std::string& text, State& state) const = 0;
};

using Decoder = std::vector<std::unique_ptr<const DecoderPart>>;

// null: tokens have spaces between them. kUnsupported names what this does not know.
Result<Decoder> make_decoder(const boost::json::value& described);

}  // namespace npu::text
