#include "services/clip/clip_dialect.hpp"

#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace npu::clip {
namespace {

using http::Response;

Response clip_error(int status, const Error& error) {
  return Response::json({{"error", error.message}}, status);
}

Response clip_no_route(int status) {
  return clip_error(status, {ErrorCode::kNotFound, std::string(http::reason_phrase(status))});
}

std::string_view openai_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 429: return "rate_limit_error";
    default: return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

Response openai_error(int status, const Error& error) {
  const bool unknown_model = error.code == ErrorCode::kNotFound && status == 404;
  boost::json::object told;
  told["message"] = error.message;
  told["type"] = openai_type(status);
  told["param"] = nullptr;
  told["code"] = unknown_model ? boost::json::value("model_not_found") : boost::json::value();
  boost::json::object body;
  body["error"] = std::move(told);
  return Response::json(body, status);
}

}  // namespace

const http::Dialect kClipDialect{"clip", clip_error, clip_no_route};
const http::Dialect kOpenAiDialect{"openai", openai_error, clip_no_route};

}  // namespace npu::clip
