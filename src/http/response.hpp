// What a handler returns. Move-only, as streams are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "http/headers.hpp"
#include "http/stream.hpp"
#include "json/write.hpp"

namespace npu::http {

using JsonStyle = npu::json::Style;

struct Response {
  int status = 200;
  Headers headers;   // without Content-Length, Connection, Date, X-Request-Id: the server adds them
  std::string body;  // unused where stream is set
  // In place of body: bytes that lie elsewhere, and what keeps them there.
  std::string_view lent{};
  std::shared_ptr<const void> lender{};
  StreamBody stream;
  StreamFormat stream_format = StreamFormat::kBytes;

  static Response json(const boost::json::object& value, int status = 200,
                       JsonStyle style = JsonStyle::kCompact);
  // text: JSON that is already serialised.
  static Response json_text(std::string text, int status = 200);
  static Response text(std::string text, int status = 200);  // text/plain; charset=utf-8
  static Response bytes(std::string data, std::string_view content_type, int status = 200);
  // lender: nullptr for bytes that are always there.
  static Response lending(std::string_view data, std::shared_ptr<const void> lender,
                          std::string_view content_type, int status = 200);
  // Pieces of any kind.
  static Response streaming(std::string_view content_type, StreamBody body, int status = 200);
  static Response sse(StreamBody body);     // text/event-stream
  static Response ndjson(StreamBody body);  // application/x-ndjson

  // What is sent as the body where stream is not set.
  std::string_view payload() const { return lent.data() != nullptr ? lent : body; }
};

// "Not Found"
std::string_view reason_phrase(int status);

}  // namespace npu::http
