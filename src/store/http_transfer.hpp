// One GET of a large file, with libcurl: what the answer's head says, then its body piece by piece.
//
// Follows redirects to http and https, from https to https only. Proxies are those of the
// environment (https_proxy, http_proxy, no_proxy). Blocks; any thread, each call for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <npu/result.hpp>

namespace npu::store {

// Bytes a second. A transfer that brings less than that through a whole TransferRequest::stall has
// failed too, however regularly its bytes come.
inline constexpr std::uint64_t kLeastRate = 1000;
// Of a time.
constexpr std::uint64_t least_bytes(Millis time) {
  return kLeastRate * static_cast<std::uint64_t>(time.count()) / 1000;
}

struct TransferRequest {
  std::string url;
  std::uint64_t from = 0;  // first byte that is wanted; 0: all
  std::string validator;   // the bytes from there on, if they are still these; else all
  Millis stall{30'000};    // without a byte for so long it has failed; see kLeastRate
  int max_redirects = 8;
  std::string user_agent;
};

// Of the last answer, after redirects.
struct ResponseHead {
  long status = 0;
  std::optional<std::uint64_t> length;       // of the body
  std::optional<std::uint64_t> range_from;   // Content-Range: bytes <from>-<to>/<total>
  std::optional<std::uint64_t> range_total;  // also of "bytes */<total>"
  std::optional<Millis> retry_after;
  std::string validator;  // a strong ETag, else Last-Modified, else ""
  std::string encoding;   // Content-Encoding, if it is any
};

// Both may refuse, which ends the transfer with their error. Bodies of other answers than 200 and
// 206 are not shown.
struct TransferHandlers {
  std::function<Status(const ResponseHead&)> head;  // once, before the body
  std::function<Status(std::span<const std::byte>)> body;
};

struct TransferResult {
  ResponseHead head;      // status 0: there was no answer
  Status status;          // of the transfer; an answer 404 is a transfer that succeeded
  bool may_pass = false;  // where it failed: worth another try
  bool too_slow = false;  // it failed by kLeastRate
};

TransferResult transfer(const TransferRequest& request, const TransferHandlers& handlers);

}  // namespace npu::store
