#include "http/json_body.hpp"

#include <boost/json/value.hpp>

#include "json/parse.hpp"

namespace npu::http {

Result<boost::json::value> parse_json(std::string_view text) {
  auto value = npu::json::parse(text, npu::json::kOfHttpBodies);
  if (value) return value;
  Error error = value.error();
  const bool broken = error.code == ErrorCode::kMalformed;
  error.message.insert(0, broken ? "the body is not valid JSON: " : "the body is too large: ");
  return fail(std::move(error));
}

}  // namespace npu::http
