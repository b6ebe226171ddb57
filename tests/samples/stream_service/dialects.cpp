#include "dialects.hpp"

#include <string>

#include <boost/json.hpp>

#include "base/error_table.hpp"

namespace {

using npu::Error;
using npu::ErrorCode;
using npu::http::Response;

std::string_view openai_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 429: return "rate_limit_error";
    default: return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

Response openai_error(int status, const Error& error) {
  return Response::json({{"error",
                          {{"message", error.message},
                           {"type", openai_type(status)},
                           {"param", nullptr},
                           {"code", npu::wire_name(error.code)}}}},
                        status);
}

Response openai_no_route(int status) {
  return openai_error(status,
                      {ErrorCode::kNotFound, std::string(npu::http::reason_phrase(status))});
}

Response ollama_error(int status, const Error& error) {
  return Response::json({{"error", error.message}}, status);
}

Response ollama_no_route(int status) {
  return ollama_error(status, {ErrorCode::kNotFound, "not found"});
}

}  // namespace

const npu::http::Dialect kOpenAiDialect{"openai", openai_error, openai_no_route, "", "[DONE]"};
const npu::http::Dialect kOllamaDialect{"ollama", ollama_error, ollama_no_route};
