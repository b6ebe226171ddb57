// Fetches a model file: goes on after a break, checks what came, and puts it under its name at
// once.
//
// A break, a stall, less than kLeastRate (http_transfer.hpp) and answers 408, 429 and 5xx are tried
// again, later and later; what has come already is kept and asked for no more (Range with
// If-Range). Blocks; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <npu/result.hpp>

namespace npu::store {

struct Wanted {
  std::string url;
  std::string target;         // path; its folder must be there
  std::uint64_t size = 0;     // bytes; 0: not known
  std::string sha256;         // lower case; "": not known
  std::string sha256_source;  // who says so, for the message
};

struct DownloadOptions {
  Millis stall{30'000};
  int retries = 5;            // one after another in which not a byte came, or only drops
  Millis first_delay{1'000};  // doubled each time
  Millis longest_delay{30'000};
  int max_redirects = 8;
  std::string user_agent = "hailoctl";
};

struct DownloadObserver {
  // bytes that are there, of how many where that is known. After every piece.
  std::function<void(std::uint64_t, std::optional<std::uint64_t>)> progress;
  std::function<void(const std::string& why, Millis delay)> retrying;
  std::function<void(Millis)> sleep;
};

struct Downloaded {
  std::uint64_t bytes = 0;
  std::string sha256;
};

// Errors say what was wrong with the address or the file, without naming either:
// kNotFound 404 and 410, kUnsupported 401 and 403, kPermission the folder's, kTooLarge no room on
// the disk, kMalformed another length or checksum than wanted, or no model file (a web page, a
// placeholder of Git LFS, a HEF file that is cut off), kBusy another process fetches it,
// kUnavailable and kDeadlineExceeded the network or the server after all retries.
Result<Downloaded> download(const Wanted& wanted, const DownloadOptions& options,
                            const DownloadObserver& observer);

// Whether the file can be what its name says: kMalformed as above.
Status check_model_file(const std::string& path, const std::string& name);

}  // namespace npu::store
