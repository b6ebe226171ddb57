#include "tensor/shared_memory.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <fmt/format.h>

namespace npu {
namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr int kWriteSeals = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

std::string error_text(int error) { return std::generic_category().message(error); }

Status check_seals(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSizeSeals) != kSizeSeals) {
    return fail(ErrorCode::kInvalidArgument,
                "a shared-memory region must be a memfd sealed with F_SEAL_SHRINK and F_SEAL_GROW");
  }
  if ((seals & kWriteSeals) != 0) {
    return fail(ErrorCode::kInvalidArgument,
                "a shared-memory region must not be sealed with F_SEAL_WRITE or "
                "F_SEAL_FUTURE_WRITE");
  }
  return {};
}

// Of a pool that others can have emptied by the time that somebody maps the file.
bool has_huge_pages(int fd) {
  struct statfs system{};
  return ::fstatfs(fd, &system) != 0 ||
         static_cast<std::uint32_t>(system.f_type) == std::uint32_t{HUGETLBFS_MAGIC};
}

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
    const bool not_allowed = errno == EPERM || errno == EACCES;
    return fail(not_allowed ? ErrorCode::kInvalidArgument : ErrorCode::kOverloaded,
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
  if (auto sealed = check_seals(fd.get()); !sealed) return fail(sealed.error());
  if (has_huge_pages(fd.get())) {
    return fail(ErrorCode::kInvalidArgument,
                "a shared-memory region must not be made with MFD_HUGETLB");
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0 || static_cast<std::size_t>(info.st_size) != bytes) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the region was said to have {} bytes, it has {}", bytes, info.st_size));
  }
  // It fails where it is sealed already. Only now do the seals stay what they are.
  ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL);
  if (auto sealed = check_seals(fd.get()); !sealed) return fail(sealed.error());
  if ((::fcntl(fd.get(), F_GET_SEALS) & F_SEAL_SEAL) == 0) {
    return fail(ErrorCode::kInvalidArgument,
                "a shared-memory region must be open for reading and writing");
  }
  return map(std::move(fd), bytes);
}

Status SharedMemory::back(std::size_t bytes) const {
  int rc = 0;
  do {
    rc = ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(bytes));
  } while (rc != 0 && errno == EINTR);
  if (rc == 0) return {};
  return fail(ErrorCode::kOverloaded, fmt::format("the system has no {} bytes of shared memory: {}",
                                                  bytes, error_text(errno)));
}

}  // namespace npu
