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

Response text_no_route(int status) {
  return Response::text(std::to_string(status) + ": " + std::string(reason_phrase(status)), status);
}

}  // namespace

const Dialect kReferenceDialect{"reference", reference_error, text_no_route};

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

std::string stream_failure(const Dialect& dialect, StreamFormat format, const Error& error) {
  if (format == StreamFormat::kBytes) return {};
  const std::string body = error_response(dialect, error).body;
  if (format == StreamFormat::kNdjson) return body + '\n';
  std::string events = sse_text({.event = dialect.sse_error, .data = body});
  if (!dialect.sse_end.empty()) events += sse_text({.data = dialect.sse_end});
  return events;
}

}  // namespace npu::http
