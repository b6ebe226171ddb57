#include "cli/services/http_ask.hpp"

#include <memory>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>

namespace npu::cli {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{16} << 20;

struct EndEasy {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
struct EndForm {
  void operator()(curl_mime* form) const { ::curl_mime_free(form); }
};
struct EndHeads {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};

std::size_t keep_answer(char* data, std::size_t, std::size_t size, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size > kMostAnswer) return 0;
  body.append(data, size);
  return size;
}

void fill(curl_mime* form, const HttpQuestion& question) {
  curl_mimepart* part = ::curl_mime_addpart(form);
  ::curl_mime_name(part, "image");
  ::curl_mime_filename(part, "picture.jpg");
  ::curl_mime_type(part, "image/jpeg");
  ::curl_mime_data(part, question.picture.data(), question.picture.size());
  for (const auto& [name, value] : question.fields) {
    part = ::curl_mime_addpart(form);
    ::curl_mime_name(part, std::string(name).c_str());
    ::curl_mime_data(part, value.data(), value.size());
  }
}

Error error_of(CURLcode code, const HttpQuestion& question) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::kDeadlineExceeded,
              fmt::format("no answer within {} s",
                          std::chrono::duration<double>(question.limit).count())};
    case CURLE_WRITE_ERROR: return {ErrorCode::kTooLarge, "the answer is larger than 16 MiB"};
    case CURLE_COULDNT_CONNECT: return {ErrorCode::kUnavailable, "nothing listens there"};
    default: return {ErrorCode::kUnavailable, ::curl_easy_strerror(code)};
  }
}

}  // namespace

Result<HttpAnswer> ask_http(const HttpQuestion& question) {
  static std::once_flag once;
  std::call_once(once, [] { ::curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, EndEasy> easy(::curl_easy_init());
  if (!easy) return fail(ErrorCode::kInternal, "libcurl has no memory");
  HttpAnswer answer;
  ::curl_easy_setopt(easy.get(), CURLOPT_URL, question.url.c_str());
  ::curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http");
  ::curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  ::curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(question.limit.count()));
  ::curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, "hailoctl");
  ::curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, keep_answer);
  ::curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.body);
  std::unique_ptr<curl_slist, EndHeads> heads(::curl_slist_append(nullptr, "Expect:"));
  if (!question.bearer.empty()) {
    const std::string head = "Authorization: Bearer " + question.bearer;
    heads.reset(::curl_slist_append(heads.release(), head.c_str()));
  }
  ::curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, heads.get());
  std::unique_ptr<curl_mime, EndForm> form;
  if (!question.picture.empty()) {
    form.reset(::curl_mime_init(easy.get()));
    fill(form.get(), question);
    ::curl_easy_setopt(easy.get(), CURLOPT_MIMEPOST, form.get());
  }
  const CURLcode code = ::curl_easy_perform(easy.get());
  if (code != CURLE_OK) return fail(error_of(code, question));
  long status = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  ::curl_easy_getinfo(easy.get(), CURLINFO_TOTAL_TIME, &answer.seconds);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace npu::cli
