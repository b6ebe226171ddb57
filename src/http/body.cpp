#include "http/body.hpp"

#include <cerrno>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "http/file_closer.hpp"

namespace npu::http {

Result<Body> Body::map(UniqueFd file, std::size_t size, std::shared_ptr<FileCloser> closer) {
  Body body;
  body.file_ = std::move(file);
  body.closer_ = std::move(closer);
  if (size == 0) return body;
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, body.file_.get(), 0);
  if (begin == MAP_FAILED) {
    return fail(ErrorCode::kOverloaded, "not enough memory for this request", Millis(1000));
  }
  body.mapped_ = static_cast<const char*>(begin);
  body.mapped_bytes_ = size;
  return body;
}

Body& Body::operator=(Body&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  text_ = std::exchange(other.text_, {});
  file_ = std::move(other.file_);
  closer_ = std::move(other.closer_);
  mapped_ = std::exchange(other.mapped_, nullptr);
  mapped_bytes_ = std::exchange(other.mapped_bytes_, 0);
  return *this;
}

std::string_view Body::view() const {
  if (mapped_ != nullptr) return {mapped_, mapped_bytes_};
  return text_;
}

Status Body::overwrite(std::size_t at, std::string_view bytes) {
  if (at > size() || bytes.size() > size() - at) {
    return fail(ErrorCode::kInvalidArgument, "a body does not grow");
  }
  if (mapped_ == nullptr) {
    bytes.copy(text_.data() + at, bytes.size());
    return {};
  }
  // Not by the mapping: a full disk would be a signal there.
  while (!bytes.empty()) {
    const auto written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(disk_error(errno));
    at += static_cast<std::size_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Error disk_error(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return {ErrorCode::kDoesNotFit, "there is no disk space left for this request body"};
  }
  return {ErrorCode::kUnavailable, "this request body cannot be stored", Millis(10'000)};
}

void Body::give_back() noexcept {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), mapped_bytes_);
  if (closer_ != nullptr) closer_->close(std::move(file_));
  file_.reset();
  mapped_ = nullptr;
  mapped_bytes_ = 0;
}

}  // namespace npu::http
