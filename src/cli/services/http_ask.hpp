// One HTTP request to a service of this machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

struct HttpQuestion {
  std::string url;
  std::string bearer;  // "": none
  // With a picture: a POST of a form, the picture as its field `image`.
  std::string_view picture{};
  std::vector<std::pair<std::string_view, std::string_view>> fields{};
  Millis limit = std::chrono::seconds(10);  // for everything
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // 16 MiB of it at most
  double seconds = 0;
};

// kUnavailable: nobody listens there, or who does hangs up; kDeadlineExceeded; kTooLarge. Proxies
// of the environment are not used. Any thread.
Result<HttpAnswer> ask_http(const HttpQuestion& question);

}  // namespace npu::cli
