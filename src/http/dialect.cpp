#include "http/dialect.hpp"

#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "base/error_table.hpp"
#include "base/utf8.hpp"

namespace npu::http {
namespace json = boost::json;
namespace {

std::string_view reference_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_denied";
    case 404: return "not_found";
    case 429: return "rate_limit_exceeded";
    case 499: return "cancelled";
    case 501: return "unsupported";
    case 503: return "service_unavailable";
    case 504: return "timeout";
    default: return status >= 500 ? "internal_error" : "invalid_request";
  }
}

Response reference_error(int status, const Error& error) {
  return Response::json({{"error", {{"message", error.message}, {"type", reference_type(status)}}}},
                        status, JsonStyle::kSpaced);
}

Response ocr_error(int status, const Error& error) {
  return Response::json({{"success", false}, {"error", error.message}}, status, JsonStyle::kSpaced);
}

Response text_no_route(int status) {
  return Response::text(std::to_string(status) + ": " + std::string(reason_phrase(status)), status);
}

Response ollama_error(int status, const Error& error) {
  return Response::json({{"error", error.message}}, status);
}

Response ollama_no_route(int status) {
  return ollama_error(status,
                      {ErrorCode::kNotFound, status == 404 ? "Not found" : "Method not allowed"});
}

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
                           {"code", wire_name(error.code)}}}},
                        status);
}

Response openai_no_route(int status) {
  return openai_error(status, {ErrorCode::kNotFound, std::string(reason_phrase(status))});
}

}  // namespace

const Dialect kReferenceDialect{"reference", reference_error, text_no_route};
const Dialect kOcrDialect{"ocr", ocr_error, text_no_route};
const Dialect kOllamaDialect{"ollama", ollama_error, ollama_no_route};
const Dialect kOpenAiDialect{"openai", openai_error, openai_no_route};

Response error_response(const Dialect& dialect, const Error& error) {
  return error_response(dialect, http_status(error.code), error);
}

Response error_response(const Dialect& dialect, int status, const Error& error) {
  // Messages quote what clients sent, which need not be UTF-8; JSON must be.
  Response response =
      dialect.error(status, {error.code, valid_utf8(error.message), error.retry_after});
  if (error.retry_after && (status == 429 || status == 503)) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
    response.headers.set("Retry-After", std::to_string(std::max<long long>(seconds, 1)));
  }
  return response;
}

}  // namespace npu::http
