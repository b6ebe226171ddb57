// JSON that clients send, within limits.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json/fwd.hpp>

#include <npu/result.hpp>

namespace npu::http {

struct JsonLimits {
  std::size_t max_depth = 32;
  // Values and keys: a two-byte number in the text takes many times that in memory.
  std::size_t max_elements = 200'000;
};

// Fails with kMalformed: not JSON (the message says where), not UTF-8, nested too deeply; with
// kTooLarge: too many elements. Of duplicate keys the last counts.
Result<boost::json::value> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace npu::http
