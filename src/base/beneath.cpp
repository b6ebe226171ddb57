#include "base/beneath.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace npu {
namespace {

constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kMaxLinks = 40;     // as the kernel
constexpr int kMaxAttempts = 16;  // while others move folders about

UniqueFd failed(int error) {
  errno = error;
  return {};
}

// In front of what is still to be walked.
void prepend_parts(std::deque<std::string>& parts, const std::string& path) {
  std::vector<std::string> fresh;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    fresh.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  parts.insert(parts.begin(), fresh.begin(), fresh.end());
}

// Empty, with errno, where it is none or is gone.
std::string target_of(int folder, const std::string& name) {
  std::array<char, 4096> text{};
  const ssize_t got = ::readlinkat(folder, name.c_str(), text.data(), text.size());
  if (got >= static_cast<ssize_t>(text.size())) errno = ENAMETOOLONG;
  return got > 0 && got < static_cast<ssize_t>(text.size())
             ? std::string(text.data(), static_cast<std::size_t>(got))
             : std::string();
}

}  // namespace

UniqueFd open_beneath(int folder, const std::string& path, Links links) {
  open_how how{};
  how.flags = kOpenFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (links == Links::kNone) how.resolve |= RESOLVE_NO_SYMLINKS;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const long fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how));
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno == ENOSYS || errno == EPERM) return walk_beneath(folder, path, links);
    if (errno != EAGAIN && errno != EINTR) return {};
  }
  return {};
}

UniqueFd walk_beneath(int folder, const std::string& path, Links links) {
  if (path.starts_with('/')) return failed(EXDEV);
  std::deque<std::string> parts;
  prepend_parts(parts, path);
  std::vector<UniqueFd> way;  // from the folder to where the walk is
  int followed = 0;
  while (!parts.empty()) {
    const std::string part = std::move(parts.front());
    parts.pop_front();
    const int here = way.empty() ? folder : way.back().get();
    if (part == ".." && way.empty()) return failed(EXDEV);
    if (part == "..") {
      way.pop_back();
      continue;
    }
    const bool last = parts.empty();
    if ((part.empty() || part == ".") && !last) continue;
    const int flags =
        last ? kOpenFlags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    UniqueFd fd(::openat(here, part.empty() ? "." : part.c_str(), flags));
    if (fd && last) return fd;
    if (fd) {
      way.push_back(std::move(fd));
      continue;
    }
    // ELOOP for a link where a file was expected, ENOTDIR where a folder was.
    const int why = errno;
    if (why != ELOOP && why != ENOTDIR) return {};
    const std::string target = target_of(here, part);
    if (target.empty()) return failed(errno == EINVAL ? why : errno);
    if (links == Links::kNone || ++followed > kMaxLinks) return failed(ELOOP);
    if (target.starts_with('/')) return failed(EXDEV);
    prepend_parts(parts, target);
  }
  return failed(EISDIR);
}

}  // namespace npu
