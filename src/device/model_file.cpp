#include "device/model_file.hpp"

#include <cerrno>
#include <filesystem>
#include <new>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

namespace npu::device {
namespace {

std::string name_of_file(const ModelFile& file) {
  return std::filesystem::path(file.path).filename().string();
}

tl::unexpected<Error> cannot_read(const ModelFile& file, int error) {
  const std::string name = name_of_file(file);
  switch (error) {
    case ENOENT:
    case ENOTDIR: return fail(ErrorCode::kNotFound, fmt::format("there is no file {}", name));
    case EACCES:
    case EPERM:
    case EBADF: return fail(ErrorCode::kPermission, fmt::format("{} may not be read", name));
    default: return fail(ErrorCode::kMalformed, fmt::format("{} cannot be read", name));
  }
}

}  // namespace

Result<OpenedModel> open_model(const ModelFile& file) {
  UniqueFd fd(file.fd >= 0
                  ? ::fcntl(file.fd, F_DUPFD_CLOEXEC, 3)
                  : ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return cannot_read(file, errno);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return cannot_read(file, errno);
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kMalformed, fmt::format("{} is not a file", name_of_file(file)));
  }
  if (info.st_size == 0) {
    return fail(ErrorCode::kMalformed, fmt::format("{} is empty", name_of_file(file)));
  }
  std::byte first{};
  if (::pread(fd.get(), &first, 1, 0) != 1) return cannot_read(file, errno);
  return OpenedModel{std::move(fd), static_cast<std::uint64_t>(info.st_size)};
}

Result<std::vector<std::byte>> read_model(const ModelFile& file, std::uint64_t max_bytes) try {
  auto opened = open_model(file);
  if (!opened) return fail(opened.error());
  if (opened->bytes > max_bytes) {
    return fail(ErrorCode::kTooLarge, fmt::format("{} has {} bytes, at most {} are taken",
                                                  name_of_file(file), opened->bytes, max_bytes));
  }
  std::vector<std::byte> content(opened->bytes);
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t got =
        ::pread(opened->fd.get(), content.data() + at, content.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(file, errno);
    if (got == 0) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("{} changed while it was read", name_of_file(file)));
    }
    at += static_cast<std::size_t>(got);
  }
  return content;
} catch (const std::bad_alloc&) {
  return fail(ErrorCode::kDoesNotFit,
              fmt::format("there is no memory to read {}", name_of_file(file)));
}

std::string model_stem(const ModelFile& file) {
  return std::filesystem::path(file.path).stem().string();
}

}  // namespace npu::device
