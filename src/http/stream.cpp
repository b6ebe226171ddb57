#include "http/stream.hpp"

#include <string>

#include "json/write.hpp"

namespace npu::http {
namespace {

void append_lines(std::string& out, std::string_view name, std::string_view text) {
  for (;;) {
    const auto end = text.find_first_of("\r\n");
    out.append(name).append(": ").append(text.substr(0, end)).append("\n");
    if (end == std::string_view::npos) return;
    const bool crlf = text.substr(end).starts_with("\r\n");
    text.remove_prefix(end + (crlf ? 2 : 1));
  }
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace

std::string sse_text(const SseEvent& event) {
  std::string text;
  text.reserve(event.data.size() + event.event.size() + event.id.size() + 32);
  if (!event.event.empty()) append_lines(text, "event", first_line(event.event));
  if (!event.id.empty()) append_lines(text, "id", first_line(event.id));
  append_lines(text, "data", event.data);
  text += '\n';
  return text;
}

awaitable<Status> write_sse(StreamWriter& out, SseEvent event) {
  const std::string text = sse_text(event);
  co_return co_await out.write(text);
}

awaitable<Status> write_ndjson(StreamWriter& out, const boost::json::value& value) {
  std::string line;
  npu::json::append(line, value);
  line += '\n';
  co_return co_await out.write(line);
}

}  // namespace npu::http
