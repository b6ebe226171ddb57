#include "http/response.hpp"

#include <boost/json.hpp>

namespace npu::http {

Response Response::json(const boost::json::object& value, int status, JsonStyle style) {
  return json_text(http::json_text(value, style), status);
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
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

}  // namespace npu::http
