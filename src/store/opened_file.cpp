#include "store/opened_file.hpp"

#include <filesystem>
#include <system_error>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/modified_ns.hpp"

namespace npu::store {

Result<OpenedFile> adopt_file(UniqueFd fd, const std::string& asked) {
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kNotFound, fmt::format("Model file not found: {}", asked));
  }
  std::error_code error;
  const auto own = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd.get()), error);
  return OpenedFile{.path = error ? asked : own.string(),
                    .fd = std::move(fd),
                    .size = static_cast<std::uint64_t>(info.st_size),
                    .modified = modified_ns(info),
                    .device = info.st_dev,
                    .inode = info.st_ino};
}

}  // namespace npu::store
