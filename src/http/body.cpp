#include "http/body.hpp"

#include <utility>

#include <sys/mman.h>

namespace npu::http {

Result<Body> Body::map(UniqueFd file, std::size_t size) {
  Body body;
  if (size == 0) return body;
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (begin == MAP_FAILED) {
    return fail(ErrorCode::kOverloaded, "not enough memory for this request", Millis(1000));
  }
  body.mapped_ = static_cast<const char*>(begin);
  body.mapped_bytes_ = size;
  body.file_ = std::move(file);
  return body;
}

Body& Body::operator=(Body&& other) noexcept {
  if (this == &other) return *this;
  unmap();
  text_ = std::exchange(other.text_, {});
  file_ = std::move(other.file_);
  mapped_ = std::exchange(other.mapped_, nullptr);
  mapped_bytes_ = std::exchange(other.mapped_bytes_, 0);
  return *this;
}

std::string_view Body::view() const {
  if (mapped_ != nullptr) return {mapped_, mapped_bytes_};
  return text_;
}

void Body::unmap() noexcept {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), mapped_bytes_);
  mapped_ = nullptr;
  mapped_bytes_ = 0;
}

}  // namespace npu::http
