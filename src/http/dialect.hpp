// How an API words its failures. A dialect lies with the service whose API it is; routes name it
// (RouteOptions::dialect), and a server has one for routes that do not and for what is no request.
#pragma once

#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "http/response.hpp"

namespace npu::http {

struct Dialect {
  std::string_view name;
  // The body of a failed request. status is what the response will carry: most often the one of
  // the error's code, sometimes a sharper one (401, 405, 431).
  Response (*error)(int status, const Error& error);
  // The answer where no route fits: 404 or 405.
  Response (*no_route)(int status);
  // How a stream of events ends that fails after its first piece: an event of this name, "" for one
  // without, which carries the body that error() makes; then, unless it is "", one with this data.
  std::string_view sse_error = "error";
  std::string_view sse_end = {};
};

// {"error": {"message", "type"}}; no route: text "404: Not Found". What services have that do not
// imitate somebody else's API.
extern const Dialect kReferenceDialect;

// The dialect's error body with the status of the code, and Retry-After (whole seconds, rounded
// up) on 429 and 503 where the error knows it.
Response error_response(const Dialect& dialect, const Error& error);
Response error_response(const Dialect& dialect, int status, const Error& error);

// The last piece of a stream that fails after its first one: events, or a line that is the error's
// body. "" where the format has none.
std::string stream_failure(const Dialect& dialect, StreamFormat format, const Error& error);

}  // namespace npu::http
