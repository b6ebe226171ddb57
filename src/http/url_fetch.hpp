// Fetching what a client's URL names, without becoming the client's tunnel into our network.
//
// Only http and https. Every address is checked at the moment of connecting, after name
// resolution, so neither a name that resolves to a private address, nor one that changes its mind,
// nor a redirect gets anywhere. Proxies of the environment are not used.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include <npu/result.hpp>

namespace npu::http {

struct FetchOptions {
  std::size_t max_bytes = std::size_t{50} << 20;
  Millis timeout = std::chrono::seconds(10);  // for everything, redirects included
  int max_redirects = 3;
  // Hosts, as written in URLs, whose addresses may be private: cameras in the local network.
  std::vector<std::string> private_hosts{};
};

// The body of the final 2xx answer. Blocks; ends early when stop is requested.
// Fails with kInvalidArgument (not a http URL, no such host, refused, status), kPermission (a
// private address), kTooLarge, kDeadlineExceeded, kCancelled.
Result<std::string> fetch_url(const std::string& url, const FetchOptions& options,
                              std::stop_token stop = {});

}  // namespace npu::http
