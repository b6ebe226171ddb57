// How a text is split before a model makes tokens of its pieces: tokenizer.json's pre_tokenizer.
#pragma once

#include <functional>
#include <string_view>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

namespace npu::text {

// Takes pieces in their order; they last no longer than the call.
using PieceSink = std::function<void(std::string_view piece)>;

// is_first: the text begins what is encoded, no token is before it. kUnsupported: a pattern takes
// too long.
using PreTokenizer =
    std::function<Status(std::string_view text, bool is_first, const PieceSink& sink)>;

// null: a text is one piece. kUnsupported names what this does not know, kMalformed what is wrong.
Result<PreTokenizer> make_pre_tokenizer(const boost::json::value& described);

// Whether the model's tokens are bytes: its type is ByteLevel, or that of its last part is. It
// gives bytes then, not the characters that name them.
bool is_of_bytes(const boost::json::value& described);

}  // namespace npu::text
