#include "store/opened_file.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

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

Result<std::string> read_text(const OpenedFile& file, std::size_t most) {
  std::string text(std::min<std::uint64_t>(file.size, most + 1), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::pread(file.fd.get(), text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorCode::kUnavailable, fmt::format("cannot read {}: {}", file.path,
                                                       std::generic_category().message(errno)));
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

}  // namespace npu::store
