#include "store/http_transfer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>
#include <variant>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/ascii.hpp"

namespace npu::store {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kPollMs = 100;
constexpr std::size_t kHeaderBytes = 4096;  // of a header that is kept

// CURL and CURLM are the same type.
struct EasyDelete {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
struct MultiDelete {
  void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
};
struct ListDelete {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDelete>;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

void read_content_range(std::string_view value, ResponseHead& head) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return;
  value.remove_prefix(kUnit.size());
  const auto slash = value.find('/');
  if (slash == std::string_view::npos) return;
  head.range_total = whole_number(value.substr(slash + 1));
  const auto dash = value.find('-');
  if (dash < slash) head.range_from = whole_number(value.substr(0, dash));
}

struct Exchange {
  const TransferHandlers& handlers;
  CURL* easy = nullptr;
  ResponseHead head;
  std::string modified;
  Status accepted;  // by the handlers
  bool head_shown = false;
  Steady::time_point last_byte = Steady::now();
  std::uint64_t received = 0;  // bytes, those of heads among them

  void on_bytes(std::size_t count) {
    last_byte = Steady::now();
    received += count;
  }
  bool wanted() const { return head.status == 200 || head.status == 206; }

  void on_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // of the next answer
      head = {};
      modified.clear();
      return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.size() > kHeaderBytes) return;
    const std::string name = to_lower(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "etag" && !value.starts_with("W/")) head.validator = value;
    if (name == "last-modified") modified = value;
    if (name == "content-length") head.length = whole_number(value);
    if (name == "content-range") read_content_range(value, head);
    if (name == "content-encoding" && to_lower(value) != "identity") head.encoding = value;
    if (const auto seconds = whole_number(value); name == "retry-after" && seconds) {
      head.retry_after = std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86'400));
    }
  }

  void complete_head() {
    ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &head.status);
    if (head.validator.empty()) head.validator = modified;
  }

  Status show_head() {
    if (head_shown) return {};
    head_shown = true;
    complete_head();
    return wanted() ? handlers.head(head) : Status();
  }

  bool on_body(std::span<const std::byte> bytes) {
    accepted = show_head();
    if (accepted && wanted()) accepted = handlers.body(bytes);
    return accepted.has_value();
  }
};

std::size_t on_header_line(char* data, std::size_t size, std::size_t count, void* user) {
  auto* exchange = static_cast<Exchange*>(user);
  exchange->on_bytes(size * count);
  exchange->on_header(trim({data, size * count}));
  return size * count;
}

std::size_t on_body_bytes(char* data, std::size_t size, std::size_t count, void* user) {
  const std::span bytes(data, size * count);
  static_cast<Exchange*>(user)->on_bytes(bytes.size());
  return static_cast<Exchange*>(user)->on_body(std::as_bytes(bytes)) ? bytes.size() : 0;
}

HeaderList range_headers(const TransferRequest& request) {
  if (request.from == 0) return nullptr;
  curl_slist* list =
      ::curl_slist_append(nullptr, fmt::format("Range: bytes={}-", request.from).c_str());
  if (!request.validator.empty()) {
    list = ::curl_slist_append(list, ("If-Range: " + request.validator).c_str());
  }
  return HeaderList(list);
}

void set_up(CURL* easy, const TransferRequest& request, const curl_slist* headers,
            Exchange& exchange) {
  const bool secure = to_lower(request.url.substr(0, 6)) == "https:";
  ::curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request.max_redirects));
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.stall.count()));
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT, request.user_agent.c_str());
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_line);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body_bytes);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
}

// Whether what comes is more than drops, looked at in times of the same length one after the other,
// from the first byte on.
class RateWatch {
 public:
  explicit RateWatch(Millis time) : time_(time) {}

  bool too_slow(std::uint64_t received, Steady::time_point now) {
    if (!begin_ && received > 0) begin_ = now;
    if (!begin_ || now - *begin_ < time_) return false;
    if (received - before_ < least_bytes(time_)) return true;
    begin_ = now;
    before_ = received;
    return false;
  }

 private:
  Millis time_;
  std::optional<Steady::time_point> begin_;
  std::uint64_t before_ = 0;
};

enum class Stopped { kStalled, kTooSlow };

// libcurl's code, or why it was stopped.
std::variant<CURLcode, Stopped> perform(CURL* easy, const Exchange& exchange, Millis stall) {
  const std::unique_ptr<CURLM, MultiDelete> multi(::curl_multi_init());
  if (!multi) return CURLE_OUT_OF_MEMORY;
  ::curl_multi_add_handle(multi.get(), easy);
  RateWatch watch(stall);
  std::variant<CURLcode, Stopped> end = Stopped::kStalled;
  for (int running = 1;;) {
    ::curl_multi_perform(multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) end = message->data.result;
    }
    const auto now = Steady::now();
    if (running == 0 || now - exchange.last_byte > stall) break;
    if (watch.too_slow(exchange.received, now)) {
      end = Stopped::kTooSlow;
      break;
    }
    ::curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
  }
  ::curl_multi_remove_handle(multi.get(), easy);
  return end;
}

// Whether the same request may succeed a moment later.
bool passes(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
  }
}

std::string say(CURLcode code, const TransferRequest& request) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "it is sent on to an address that may not be followed (not http or https, or from "
             "https to http)";
    case CURLE_TOO_MANY_REDIRECTS:
      return fmt::format("it is sent on more than {} times", request.max_redirects);
    case CURLE_PARTIAL_FILE: return "the connection ended before the file";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the server's certificate is not trusted here: self-signed, expired, for another "
             "name, "
             "or the clock or the package ca-certificates of this machine is old";
    default: return ::curl_easy_strerror(code);
  }
}

std::string say_stopped(bool too_slow, Millis stall) {
  const double seconds = static_cast<double>(stall.count()) / 1000.0;
  if (!too_slow) return fmt::format("nothing came for {:.3g} s", seconds);
  return fmt::format("less than {} bytes came in {:.3g} s", least_bytes(stall), seconds);
}

}  // namespace

TransferResult transfer(const TransferRequest& request, const TransferHandlers& handlers) {
  static std::once_flag once;
  std::call_once(once, [] { ::curl_global_init(CURL_GLOBAL_DEFAULT); });
  TransferResult result;
  const std::unique_ptr<CURL, EasyDelete> easy(::curl_easy_init());
  if (!easy) {
    result.status = fail(ErrorCode::kInternal, "the HTTP client cannot be started");
    return result;
  }
  const auto headers = range_headers(request);
  Exchange exchange{.handlers = handlers, .easy = easy.get()};
  set_up(easy.get(), request, headers.get(), exchange);
  const auto end = perform(easy.get(), exchange, request.stall);
  const auto* code = std::get_if<CURLcode>(&end);
  if (code != nullptr && *code == CURLE_OK && exchange.accepted)
    exchange.accepted = exchange.show_head();
  exchange.complete_head();
  result.head = exchange.head;
  if (!exchange.accepted) {
    result.status = fail(exchange.accepted.error());
  } else if (code == nullptr) {
    result.too_slow = std::get<Stopped>(end) == Stopped::kTooSlow;
    result.status = fail(ErrorCode::kDeadlineExceeded, say_stopped(result.too_slow, request.stall));
    result.may_pass = true;
  } else if (*code != CURLE_OK) {
    result.status = fail(ErrorCode::kUnavailable, say(*code, request));
    result.may_pass = passes(*code);
  }
  return result;
}

}  // namespace npu::store
