#include "http/response.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

namespace npu::http {
namespace bhttp = boost::beast::http;

Response Response::json(const boost::json::object& value, int status, JsonStyle style) {
  return json_text(npu::json::write(value, style), status);
}

Response Response::json_text(std::string text, int status) {
  return bytes(std::move(text), "application/json; charset=utf-8", status);
}

Response Response::text(std::string text, int status) {
  return bytes(std::move(text), "text/plain; charset=utf-8", status);
}

Response Response::bytes(std::string data, std::string_view content_type, int status) {
  return {
      .status = status,
      .headers = {{"Content-Type", std::string(content_type)}},
      .body = std::move(data),
  };
}

Response Response::lending(std::string_view data, std::shared_ptr<const void> lender,
                           std::string_view content_type, int status) {
  Response response = bytes({}, content_type, status);
  response.lent = data;
  response.lender = std::move(lender);
  return response;
}

Response Response::streaming(std::string_view content_type, StreamBody body, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(content_type));
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("X-Accel-Buffering", "no");  // nginx would collect pieces
  response.stream = std::move(body);
  return response;
}

Response Response::sse(StreamBody body) {
  Response response = streaming("text/event-stream", std::move(body));
  response.stream_format = StreamFormat::kSse;
  return response;
}

Response Response::ndjson(StreamBody body) {
  Response response = streaming("application/x-ndjson", std::move(body));
  response.stream_format = StreamFormat::kNdjson;
  return response;
}

std::string_view reason_phrase(int status) {
  const auto phrase = bhttp::obsolete_reason(bhttp::int_to_status(static_cast<unsigned>(status)));
  return {phrase.data(), phrase.size()};
}

}  // namespace npu::http
