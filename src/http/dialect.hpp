// How an API words its failures. One row a family of APIs; services and servers name the row.
#pragma once

#include <span>
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
};

// {"error": {"message", "type"}}; no route: text "404: Not Found". Depth and pose.
extern const Dialect kReferenceDialect;
// {"success": false, "error": text}; no route as above. OCR.
extern const Dialect kOcrDialect;
// {"error":text} for everything. Ollama, and the status page of the manager.
extern const Dialect kOllamaDialect;
// {"error":{"message","type","param","code"}} for everything.
extern const Dialect kOpenAiDialect;

// The dialect's error body with the status of the code, and Retry-After (whole seconds, rounded
// up) on 429 and 503 where the error knows it.
Response error_response(const Dialect& dialect, const Error& error);
Response error_response(const Dialect& dialect, int status, const Error& error);

}  // namespace npu::http
