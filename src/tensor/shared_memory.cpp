#include "tensor/shared_memory.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <fmt/format.h>

namespace npu {
namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;

std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace

SharedMemory::SharedMemory(UniqueFd fd, std::byte* data, std::size_t size)
    : fd_(std::move(fd)), data_(data), size_(size) {}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<SharedMemory> SharedMemory::map(UniqueFd&& fd, std::size_t bytes) {
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot map {} bytes of shared memory: {}", bytes, error_text(errno)));
  }
  return SharedMemory(std::move(fd), static_cast<std::byte*>(data), bytes);
}

Result<SharedMemory> SharedMemory::create(std::size_t bytes) {
  if (bytes == 0) return fail(ErrorCode::kInvalidArgument, "shared memory needs at least one byte");
  UniqueFd fd(::memfd_create("npu-tensor", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, kSizeSeals | F_SEAL_SEAL) != 0) {
    return fail(ErrorCode::kUnavailable, fmt::format("cannot create {} bytes of shared memory: {}",
                                                     bytes, error_text(errno)));
  }
  return map(std::move(fd), bytes);
}

Result<SharedMemory> SharedMemory::adopt(UniqueFd&& fd, std::size_t bytes, std::size_t max_bytes) {
  if (bytes == 0 || bytes > max_bytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a shared-memory region has 1..{} bytes, got {}", max_bytes, bytes));
  }
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kSizeSeals) != kSizeSeals) {
    return fail(ErrorCode::kInvalidArgument,
                "a shared-memory region must be a memfd sealed with F_SEAL_SHRINK and F_SEAL_GROW");
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0 || static_cast<std::size_t>(info.st_size) != bytes) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the region was said to have {} bytes, it has {}", bytes, info.st_size));
  }
  return map(std::move(fd), bytes);
}

}  // namespace npu
