// The text of HTTP heads and of what is wrong with them. Internal to http/.
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace npu::http {

Method method_from_text(std::string_view text);

// 1 to 128 letters, digits and "._:-": nothing that could forge a log line or a header.
bool is_sane_request_id(std::string_view id);
// 16 random hexadecimal digits. Not a secret.
std::string make_request_id();

struct HeadOptions {
  std::string_view id;
  bool http_1_0 = false;
  bool keep_alive = true;
};

// Status line and fields, Content-Length or Transfer-Encoding included. A field whose name or value
// would break the head is left out.
std::string response_head(const Response& response, const HeadOptions& options);

std::string head_error_text(int status);
std::string body_limit_text(std::size_t limit);

}  // namespace npu::http
