#include "http/connection_text.hpp"

#include <algorithm>
#include <ctime>
#include <random>

#include <boost/beast/http/error.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace npu::http {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kExtra.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string http_date() {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

Method method_from_text(std::string_view text) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut,
                              Method::kPatch, Method::kDelete, Method::kOptions}) {
    if (name_of(method) == text) return method;
  }
  return Method::kOther;
}

bool is_sane_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

std::string make_request_id() {
  thread_local std::mt19937_64 random(std::random_device{}());
  return fmt::format("{:016x}", random());
}

std::string response_head(const Response& response, const HeadOptions& options) {
  std::string out;
  out.reserve(256);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_phrase(response.status), http_date());
  const auto add = [&](const Headers::Field& field) {
    const auto& [name, value] = field;
    if (is_token(name) && is_field_value(value))
      out.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& field : response.headers) add(field);
  for (const auto& field : options.more) add(field);
  if (!options.id.empty()) out.append("X-Request-Id: ").append(options.id).append("\r\n");
  const bool no_content = response.status == 204 || response.status == 304 || response.status < 200;
  if (response.stream) {
    if (!options.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (!no_content) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.payload().size());
  }
  if (!options.keep_alive) {
    out += "Connection: close\r\n";
  } else if (options.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

std::string endpoint_text(const boost::asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  const bool v6 = endpoint.address().is_v6();
  return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), address, endpoint.port());
}

std::optional<std::string> early_head_fault(std::string_view head) {
  if (head.starts_with("\x16\x03")) return "this is TLS; the service speaks plain HTTP";
  if (!head.empty() && !is_token(head.substr(0, 1))) return "this is not an HTTP request";
  const auto line_end = head.find('\n');
  if (line_end != std::string_view::npos && head[line_end - 1] != '\r') {
    return "the lines of a header end with CR and LF";
  }
  return std::nullopt;
}

int head_fault_status(std::string_view head) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  if (std::ranges::count(line, ' ') != 2) return 400;
  line.remove_prefix(line.rfind(' ') + 1);
  const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  const bool version =
      line.size() == 8 && line.starts_with("HTTP/") && digit(5) && line[6] == '.' && digit(7);
  const bool ours = line == "HTTP/1.0" || line == "HTTP/1.1";
  return version && !ours ? 505 : 400;
}

std::string head_fault_text(int status, std::string_view head,
                            const boost::system::error_code& error) {
  using Fault = boost::beast::http::error;
  if (status == 431) return "the request's header is too large";
  if (status == 505) return "HTTP/1.0 and HTTP/1.1 are supported";
  if (error == Fault::bad_content_length || error == Fault::multiple_content_length) {
    return "the Content-Length header is malformed or there is more than one";
  }
  if (error == Fault::bad_transfer_encoding) return "the Transfer-Encoding header is malformed";
  if (error == Fault::bad_method || error == Fault::bad_target || error == Fault::bad_version) {
    const auto line = head.substr(0, head.find("\r\n"));
    if (std::ranges::count(line, ' ') > 2) {
      return "the request line is malformed: a space in the target has to be sent as %20";
    }
    return "the request line is malformed: method, target and HTTP/1.1 are expected";
  }
  return "a header line is malformed: name, colon and value are expected";
}

std::string body_limit_text(std::size_t limit) {
  return fmt::format("the request body may have at most {} bytes", limit);
}

}  // namespace npu::http
