// JSON that clients send as a body.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include <npu/result.hpp>

#include "json/parse.hpp"

namespace npu::http {

// As json::parse within kOfHttpBodies, in words for the client: "the body is not valid JSON:
// syntax error at byte 7".
Result<boost::json::value> parse_json(std::string_view text);

// As json::parse_apart within kBesideALargeString, in the same words.
Result<boost::json::value> parse_json_apart(std::string_view text, std::string_view name,
                                            npu::json::StringSink& sink);

}  // namespace npu::http
