// The text of HTTP heads and of what is wrong with them. Internal to http/.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "http/request.hpp"
#include "http/response.hpp"

namespace npu::http {

Method method_from_text(std::string_view text);

// "127.0.0.1:80", "[::1]:80"
std::string endpoint_text(const boost::asio::ip::tcp::endpoint& endpoint);

// 1 to 128 letters, digits and "._:-": nothing that could forge a log line or a header.
bool is_sane_request_id(std::string_view id);
// 16 random hexadecimal digits. Not a secret.
std::string make_request_id();

struct HeadOptions {
  std::string_view id;
  bool http_1_0 = false;
  bool keep_alive = true;
  std::span<const Headers::Field> more = {};  // beside those of the response
};

// Status line and fields, Content-Length or Transfer-Encoding included. A field whose name or value
// would break the head is left out.
std::string response_head(const Response& response, const HeadOptions& options);

// What is wrong with the beginning of a head, where that is plain before its end has arrived.
std::optional<std::string> early_head_fault(std::string_view head);
// For a head that could not be parsed: 505 for another version of HTTP, 400 for everything else.
int head_fault_status(std::string_view head);
std::string head_fault_text(int status, std::string_view head,
                            const boost::system::error_code& error);
std::string body_limit_text(std::size_t limit);

}  // namespace npu::http
