#include "http/json_body.hpp"

#include <utility>

#include <boost/json/value.hpp>

namespace npu::http {
namespace {

Result<boost::json::value> in_words(Result<boost::json::value> value) {
  if (value) return value;
  Error error = value.error();
  const bool broken = error.code == ErrorCode::kMalformed;
  error.message.insert(0, broken ? "the body is not valid JSON: " : "the body is too large: ");
  return fail(std::move(error));
}

}  // namespace

Result<boost::json::value> parse_json(std::string_view text) {
  return in_words(npu::json::parse(text, npu::json::kOfHttpBodies));
}

Result<boost::json::value> parse_json_apart(std::string_view text, std::string_view name,
                                            npu::json::StringSink& sink) {
  return in_words(npu::json::parse_apart(text, name, sink, npu::json::kBesideALargeString));
}

}  // namespace npu::http
