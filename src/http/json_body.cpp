#include "http/json_body.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace npu::http {
namespace json = boost::json;
namespace {

// The index of the quote that ends the string which begins at `begin`, or npos.
std::size_t string_end(std::string_view text, std::size_t begin) {
  std::size_t i = begin + 1;
  while ((i = text.find_first_of("\"\\", i)) != std::string_view::npos && text[i] == '\\') i += 2;
  return i;
}

// Counts commas, colons and opening brackets outside strings: an upper bound of the elements.
std::size_t count_elements(std::string_view text) {
  std::size_t count = 1;
  std::size_t i = 0;
  while (i < text.size()) {
    switch (text[i]) {
      case ',':
      case ':':
      case '[':
      case '{': ++count; break;
      case '"': i = string_end(text, i); break;
      default: break;
    }
    if (i == std::string_view::npos) break;
    ++i;
  }
  return count;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, const JsonLimits& limits) {
  if (count_elements(text) > limits.max_elements) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("a JSON body may have at most {} elements", limits.max_elements));
  }
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::parser parser({}, options);
  boost::system::error_code error;
  const auto read = parser.write_some(text, error);
  if (!error && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
    error = json::error::extra_data;
  }
  if (error) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the body is not valid JSON: {} at byte {}", error.message(), read));
  }
  return parser.release();
}

}  // namespace npu::http
