#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"
#include "store/hef_content.hpp"
#include "store/hef_kind.hpp"

namespace npu::store {
namespace {

constexpr std::uint32_t kLongestDescription = 256U << 20;
constexpr std::uint64_t kLongestConfig = 8U << 20;
constexpr std::uint32_t kNewestFormat = 3;

struct OpenHef {
  UniqueFd fd;
  HefHeader header;
};

Result<OpenHef> open_hef(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const int number = errno;
    return fail(number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kPermission,
                fmt::format("cannot read {}: {}", path, std::strerror(number)));
  }
  const auto header = read_hef_header(fd.get(), path);
  if (!header) return fail(header.error());
  return OpenHef{std::move(fd), *header};
}

Result<std::string> read_bytes(int fd, std::uint64_t begin, std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t done = 0; done < count;) {
    const ssize_t got =
        ::pread(fd, out.data() + done, count - done, static_cast<off_t>(begin + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorCode::kMalformed, "no complete HEF file: it became shorter");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace

Result<HefContent> read_hef_content(const std::string& path) {
  const auto file = open_hef(path);
  if (!file) return fail(file.error());
  const HefHeader& header = file->header;
  if (header.version > kNewestFormat) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("HEF format {} is newer than this program", header.version));
  }
  if (header.description_bytes > kLongestDescription) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("its description has {} bytes, more than {}", header.description_bytes,
                            kLongestDescription));
  }
  const auto description =
      read_bytes(file->fd.get(), header.header_bytes, header.description_bytes);
  if (!description) return fail(description.error());
  return parse_hef_description(*description);
}

Result<std::string> read_hef_config(const std::string& path, const HefContent& content) {
  const auto config = std::ranges::find(content.resources, kHefConfigName, &HefResource::name);
  if (config == content.resources.end()) {
    return fail(ErrorCode::kNotFound, fmt::format("the file holds no {}", kHefConfigName));
  }
  const auto file = open_hef(path);
  if (!file) return fail(file.error());
  const std::uint64_t room = file->header.file_bytes - file->header.data_begin;
  if (file->header.data_begin > file->header.file_bytes || config->offset > room ||
      config->bytes > room - config->offset || config->bytes > kLongestConfig) {
    return fail(ErrorCode::kMalformed, fmt::format("{} of {} bytes at {} is not within the file",
                                                   kHefConfigName, config->bytes, config->offset));
  }
  return read_bytes(file->fd.get(), file->header.data_begin + config->offset, config->bytes);
}

}  // namespace npu::store
