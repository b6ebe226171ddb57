// Which web pages of other origins may use the service from a browser (Cross-Origin Resource
// Sharing, https://fetch.spec.whatwg.org/#http-cors-protocol). By default none may.
//
// Credentials of the browser (cookies) are never asked for; a bearer key in Authorization is a
// header that the page sets itself, and works.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "http/headers.hpp"
#include "http/response.hpp"

namespace npu::http {

class CorsPolicy {
 public:
  CorsPolicy() = default;
  // origins: "https://portal.local:8443" as browsers send it; "*": all. Fails with kInvalidArgument
  // where one could never be what a browser sends.
  static Result<CorsPolicy> make(std::vector<std::string> origins);

  bool allows(std::string_view origin) const;
  // What an answer to a request with these fields says about it, an error as well. Nothing where
  // no origin is allowed.
  std::vector<Headers::Field> fields(const Headers& request) const;

  // The answer where this OPTIONS request asks whether a page may send another one. Nothing where
  // it does not, or where it may not.
  //   methods    what the path allows: "POST, GET"
  std::optional<Response> preflight(const Headers& request, std::string_view methods) const;

 private:
  std::vector<std::string> origins_;
  bool all_ = false;
};

}  // namespace npu::http
