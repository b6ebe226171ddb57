#include "http/url_fetch.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "base/clock.hpp"
#include "http/headers.hpp"
#include "http/public_address.hpp"

namespace npu::http {
namespace {

struct CurlDelete {
  void operator()(CURL* curl) const { ::curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { ::curl_url_cleanup(url); }
  void operator()(char* text) const { ::curl_free(text); }
};
template <class T>
using CurlPtr = std::unique_ptr<T, CurlDelete>;

struct Transfer {
  std::string body;
  std::size_t max_bytes = 0;
  bool private_allowed = false;
  bool refused_address = false;
  bool too_large = false;
  std::stop_token stop;
};

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (bytes > transfer.max_bytes - transfer.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(data, bytes);
  return bytes;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.private_allowed && (!is_public(address->addr) || is_on_link(address->addr))) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The host of a URL that is allowed at all.
Result<std::string> checked_host(const std::string& url) {
  const CurlPtr<CURLU> parsed(::curl_url());
  const auto part = [&](CURLUPart which) -> std::string {
    char* text = nullptr;
    if (::curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return {};
    return CurlPtr<char>(text).get();
  };
  if (!parsed || ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return fail(ErrorCode::kInvalidArgument, "this is not a URL");
  }
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return fail(ErrorCode::kInvalidArgument, "only http and https URLs are fetched");
  }
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    return fail(ErrorCode::kInvalidArgument, "the URL must not contain a user or password");
  }
  std::string host = part(CURLUPART_HOST);
  if (host.empty()) return fail(ErrorCode::kInvalidArgument, "the URL has no host");
  return host;
}

Error error_of(CURLcode code, const Transfer& transfer) {
  if (transfer.stop.stop_requested()) return {ErrorCode::kCancelled, "the request was cancelled"};
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {ErrorCode::kTooLarge, fmt::format("it has more than {} MiB", transfer.max_bytes >> 20)};
  }
  if (transfer.refused_address) {
    return {ErrorCode::kPermission, "the host's address is not a public one"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return {ErrorCode::kDeadlineExceeded, "it took too long"};
  return {ErrorCode::kInvalidArgument, ::curl_easy_strerror(code)};
}

void configure(CURL* curl, const std::string& url, Transfer& transfer, long timeout_ms) {
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(curl, CURLOPT_PROXY, "");
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
  ::curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(transfer.max_bytes));
  ::curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
  ::curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  ::curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  ::curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  ::curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  ::curl_easy_setopt(curl, CURLOPT_USERAGENT, "hailo-services");
}

}  // namespace

Result<std::string> fetch_url(const std::string& url, const FetchOptions& options,
                              std::stop_token stop) {
  static std::once_flag once;
  std::call_once(once, [] { ::curl_global_init(CURL_GLOBAL_DEFAULT); });
  const auto end = std::chrono::steady_clock::now() + options.timeout;
  std::string next = url;
  for (int hop = 0; hop <= options.max_redirects; ++hop) {
    const auto host = checked_host(next);
    if (!host) return fail(host.error());
    const auto left =
        std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return fail(ErrorCode::kDeadlineExceeded, "it took too long");
    const CurlPtr<CURL> curl(::curl_easy_init());
    if (!curl) return fail(ErrorCode::kInternal, "the HTTP client cannot be started");
    Transfer transfer{
        .max_bytes = options.max_bytes,
        .private_allowed = std::ranges::any_of(
            options.private_hosts,
            [&](const std::string& name) { return equals_ignoring_case(name, *host); }),
        .stop = stop};
    configure(curl.get(), next, transfer, static_cast<long>(left));
    const CURLcode code = ::curl_easy_perform(curl.get());
    if (code != CURLE_OK) return fail(error_of(code, transfer));
    long status = 0;
    ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return std::move(transfer.body);
    const char* location = nullptr;
    ::curl_easy_getinfo(curl.get(), CURLINFO_REDIRECT_URL, &location);
    if (status < 300 || status >= 400 || location == nullptr) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("the server answered {}", status));
    }
    next = location;
  }
  return fail(ErrorCode::kInvalidArgument, "too many redirects");
}

}  // namespace npu::http
