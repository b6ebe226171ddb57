#include "store/download.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "store/hef_header.hpp"
#include "store/http_transfer.hpp"
#include "store/part_file.hpp"
#include "store/sha256.hpp"

namespace npu::store {
namespace {

constexpr int kMostTransfers = 1000;  // of one file, with progress in each

// An answer that is no file.
Error refused_with(long status) {
  switch (status) {
    case 404:
    case 410:
      return {ErrorCode::kNotFound, fmt::format("the server has no such file ({})", status)};
    case 401:
    case 403:
      return {ErrorCode::kUnsupported,
              fmt::format("the server does not give it to everybody ({})", status)};
    default: return {ErrorCode::kUnavailable, fmt::format("the server answered {}", status)};
  }
}

bool is_passing(long status) { return status == 408 || status == 429 || status >= 500; }

// The transfers of one file, and what they have brought so far.
class Fetch {
 public:
  Fetch(const Wanted& wanted, const DownloadOptions& options, const DownloadObserver& observer,
        PartFile& part)
      : wanted_(wanted), options_(options), observer_(observer), part_(part) {}

  Status run() {
    int fruitless = 0;
    Millis delay = options_.first_delay;
    for (int i = 0; i < kMostTransfers; ++i) {
      if (wanted_.size != 0 && can_go_on() && part_.size() == wanted_.size) return {};
      const std::uint64_t before = part_.size();
      TransferResult got = once();
      if (complete_) return {};
      if (start_over_) continue;
      if (got.status) {
        got = {got.head, fail(refused_with(got.head.status)), is_passing(got.head.status)};
      }
      // A server that only ever gives drops is given up as one that gives nothing.
      const std::uint64_t gained = part_.size() - std::min(before, part_.size());
      if (gained > 0 && (!got.too_slow || gained >= least_bytes(options_.stall))) {
        fruitless = 0;
        delay = options_.first_delay;
      }
      if (!got.may_pass || ++fruitless > options_.retries) return fail(got.status.error());
      const Millis wait = std::min(std::max(delay, got.head.retry_after.value_or(Millis{0})),
                                   options_.longest_delay);
      observer_.retrying(got.status.error().message, wait);
      observer_.sleep(wait);
      delay = std::min(2 * delay, options_.longest_delay);
    }
    return fail(ErrorCode::kUnavailable, "the server breaks off again and again");
  }

 private:
  bool can_go_on() const {
    return !from_start_ && part_.size() > 0 && part_.origin().url == wanted_.url &&
           !part_.origin().validator.empty();
  }

  // Sets complete_ or start_over_, or leaves it to the result to say what was wrong.
  TransferResult once() {
    start_over_ = false;
    const std::uint64_t from = can_go_on() ? part_.size() : 0;
    TransferRequest request{.url = wanted_.url,
                            .from = from,
                            .validator = from > 0 ? part_.origin().validator : std::string(),
                            .stall = options_.stall,
                            .max_redirects = options_.max_redirects,
                            .user_agent = options_.user_agent};
    TransferResult got =
        transfer(request, {.head = [&](const ResponseHead& head) { return on_head(head, from); },
                           .body = [&](auto bytes) { return on_body(bytes); }});
    const long status = got.head.status;
    if (!got.status) return got;
    if (status == 200 || status == 206) {
      const auto whole = got.head.range_total ? got.head.range_total : known_size();
      complete_ = !whole || part_.size() == *whole;
      if (!complete_) {
        got.status = fail(ErrorCode::kUnavailable, "the connection ended before the file");
        got.may_pass = true;
      }
    } else if (status == 416 && from > 0) {
      complete_ = got.head.range_total == from && total_.value_or(from) == from;
      start_over_ = !complete_;
      from_start_ = !complete_;
    }
    return got;
  }

  // The rest of what is there, or all of it anew.
  Status on_head(const ResponseHead& head, std::uint64_t from) {
    if (!head.encoding.empty()) {
      return fail(
          ErrorCode::kMalformed,
          fmt::format("the server sends it packed ({}), which was not asked for", head.encoding));
    }
    const bool rest = head.status == 206;
    if (rest && (head.range_from != from || from == 0 ||
                 (!head.validator.empty() && head.validator != part_.origin().validator))) {
      start_over_ = from > 0;
      from_start_ = true;
      return fail(ErrorCode::kMalformed, "the server sends another part than was asked for");
    }
    total_.reset();
    if (head.length) total_ = *head.length + (rest ? from : 0);
    if (wanted_.size != 0 && total_ && *total_ != wanted_.size) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("the server's file has {} bytes and not {}", *total_, wanted_.size));
    }
    if (!rest) {
      if (auto begun = part_.begin({wanted_.url, head.validator}); !begun) return begun;
    }
    return check_room();
  }

  Status check_room() const {
    const std::uint64_t whole = total_.value_or(wanted_.size);
    const auto room = free_bytes(std::filesystem::path(part_.path()).parent_path().string());
    if (!room || whole <= part_.size() || whole - part_.size() <= *room) return {};
    return fail(ErrorCode::kTooLarge,
                fmt::format("{} bytes are still to come, and the disk has room for {}",
                            whole - part_.size(), *room));
  }

  Status on_body(std::span<const std::byte> bytes) {
    if (wanted_.size != 0 && part_.size() + bytes.size() > wanted_.size) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("the server sends more than the {} bytes of the file", wanted_.size));
    }
    if (auto put = part_.append(bytes); !put) return put;
    observer_.progress(part_.size(), total_ ? total_ : known_size());
    return {};
  }

  std::optional<std::uint64_t> known_size() const {
    return wanted_.size != 0 ? std::optional(wanted_.size) : std::nullopt;
  }

  const Wanted& wanted_;
  const DownloadOptions& options_;
  const DownloadObserver& observer_;
  PartFile& part_;
  std::optional<std::uint64_t> total_;  // bytes, as the last answer with a body said
  bool complete_ = false;
  bool start_over_ = false;
  bool from_start_ = false;  // the server's ranges are of no use
};

Result<Downloaded> checked(const Wanted& wanted, const PartFile& part) {
  if (wanted.size != 0 && part.size() != wanted.size) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the server's file has {} bytes and not {}", part.size(), wanted.size));
  }
  if (auto right = check_model_file(part.path(), wanted.target); !right) {
    return fail(right.error());
  }
  auto sum = sha256_of_file(part.path());
  if (!sum) return fail(sum.error());
  if (!wanted.sha256.empty() && *sum != wanted.sha256) {
    return fail(ErrorCode::kMalformed, fmt::format("its SHA-256 is {} and not {} ({})", *sum,
                                                   wanted.sha256, wanted.sha256_source));
  }
  return Downloaded{part.size(), std::move(*sum)};
}

}  // namespace

Status check_model_file(const std::string& path, const std::string& name) {
  std::array<char, 64> first{};
  std::ifstream file(path, std::ios::binary);
  file.read(first.data(), first.size());
  const std::string_view beginning(first.data(), static_cast<std::size_t>(file.gcount()));
  if (beginning.empty()) return fail(ErrorCode::kMalformed, "the file is empty");
  if (name.ends_with(".hef")) {
    const auto header = read_hef_header(path);
    return header ? Status() : fail(header.error());
  }
  const std::string_view other = placeholder_or_page(beginning);
  if (!other.empty()) {
    return fail(ErrorCode::kMalformed, fmt::format("no model file; it is {}", other));
  }
  return {};
}

Result<Downloaded> download(const Wanted& wanted, const DownloadOptions& options,
                            const DownloadObserver& observer) {
  auto part = PartFile::open(wanted.target);
  if (!part) return fail(part.error());
  if (auto fetched = Fetch(wanted, options, observer, *part).run(); !fetched) {
    if (part->size() == 0) part->discard();
    return fail(fetched.error());
  }
  auto done = checked(wanted, *part);
  if (!done) {
    part->discard();
    return done;
  }
  if (auto finished = part->finish(); !finished) return fail(finished.error());
  return done;
}

}  // namespace npu::store
