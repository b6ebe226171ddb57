#include "store/part_file.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/write_all.hpp"

namespace npu::store {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kFolderMode = 0755;
constexpr int kTriesToLock = 3;

ErrorCode code_for(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::kPermission;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::kTooLarge;
    default: return ErrorCode::kInvalidArgument;
  }
}

tl::unexpected<Error> cannot(std::string_view what, const std::string& path, int number) {
  return fail(code_for(number),
              fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(number)));
}

std::string folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// Readable for all, and root's files in others' folders are theirs.
Status share(int fd, const std::string& path) {
  if (::fchmod(fd, kFileMode) != 0) return cannot("share", path, errno);
  struct stat folder{};
  if (::geteuid() != 0 || ::stat(folder_of(path).c_str(), &folder) != 0) return {};
  if (::fchown(fd, folder.st_uid, folder.st_gid) != 0) return cannot("hand over", path, errno);
  return {};
}

Status write_to(int fd, std::span<const std::byte> bytes, const std::string& path) {
  const int why = write_all(fd, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return why == 0 ? Status() : cannot("write", path, why);
}

// The name is on the disk too.
Status sync_folder(const std::string& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return cannot("write", folder, errno);
  return {};
}

// A regular file with this name only, so that root does not write into what somebody linked here.
Result<UniqueFd> open_own(const std::string& path, int flags) {
  UniqueFd fd(
      ::open(path.c_str(), flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, kFileMode));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return cannot("write", path, errno);
  if (!S_ISREG(info.st_mode) || info.st_nlink > 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot write {}: it is a link or no file; remove it", path));
  }
  return fd;
}

Origin read_origin(const std::string& path) {
  std::ifstream file(path);
  Origin origin;
  if (!std::getline(file, origin.url) || !std::getline(file, origin.validator)) return {};
  return origin;
}

}  // namespace

Result<PartFile> PartFile::open(const std::string& target) {
  PartFile part;
  part.target_ = target;
  part.path_ = target + ".part";
  // Who had it open may have finished it meanwhile: then the file that was locked has its name no
  // more.
  for (int left = kTriesToLock;; --left) {
    auto fd = open_own(part.path_, O_RDWR);
    if (!fd) return fail(fd.error());
    struct stat own{};
    struct stat named{};
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorCode::kBusy, fmt::format("another process fetches {} now", target));
    }
    if (::fstat(fd->get(), &own) != 0) return cannot("read", part.path_, errno);
    if (::lstat(part.path_.c_str(), &named) == 0 && own.st_ino == named.st_ino) {
      part.fd_ = std::move(*fd);
      part.size_ = static_cast<std::uint64_t>(own.st_size);
      break;
    }
    if (left == 0) return fail(ErrorCode::kBusy, "others fetch " + target + " again and again");
  }
  if (auto shared = share(part.fd_.get(), part.path_); !shared) return fail(shared.error());
  part.origin_ = read_origin(part.path_ + ".from");
  return part;
}

Status PartFile::begin(const Origin& origin) {
  if (::ftruncate(fd_.get(), 0) != 0) return cannot("write", path_, errno);
  size_ = 0;
  origin_ = origin;
  return replace_file(path_ + ".from", fmt::format("{}\n{}\n", origin.url, origin.validator));
}

Status PartFile::append(std::span<const std::byte> bytes) {
  if (::lseek(fd_.get(), static_cast<off_t>(size_), SEEK_SET) < 0) {
    return cannot("write", path_, errno);
  }
  const Status done = write_to(fd_.get(), bytes, path_);
  if (done) {
    size_ += bytes.size();
  } else {
    struct stat info{};
    if (::fstat(fd_.get(), &info) == 0) size_ = static_cast<std::uint64_t>(info.st_size);
  }
  return done;
}

Status PartFile::finish() {
  if (::fsync(fd_.get()) != 0) return cannot("write", path_, errno);
  if (::rename(path_.c_str(), target_.c_str()) != 0) return cannot("write", target_, errno);
  ::unlink((path_ + ".from").c_str());
  return sync_folder(folder_of(target_));
}

void PartFile::discard() {
  ::unlink(path_.c_str());
  ::unlink((path_ + ".from").c_str());
  size_ = 0;
  origin_ = {};
}

Status make_folders(const std::string& folder) {
  std::error_code failed;
  std::vector<fs::path> missing;
  for (fs::path path = fs::path(folder); !path.empty() && !fs::exists(path, failed);
       path = path.parent_path()) {
    missing.push_back(path);
  }
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    if (::mkdir(it->c_str(), kFolderMode) != 0 && errno != EEXIST) {
      return cannot("make the folder", it->string(), errno);
    }
    if (::chmod(it->c_str(), kFolderMode) != 0) return cannot("share", it->string(), errno);
  }
  return {};
}

Status replace_file(const std::string& path, std::string_view text) {
  const std::string next = path + ".new";
  ::unlink(next.c_str());
  auto fd = open_own(next, O_WRONLY | O_EXCL);
  if (!fd) return fail(fd.error());
  Status done = write_to(fd->get(), std::as_bytes(std::span(text)), next);
  if (done) done = share(fd->get(), next);
  if (done && ::fsync(fd->get()) != 0) done = cannot("write", next, errno);
  if (done && ::rename(next.c_str(), path.c_str()) != 0) done = cannot("write", path, errno);
  if (!done) ::unlink(next.c_str());
  return done;
}

Result<std::uint64_t> free_bytes(const std::string& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return cannot("examine", folder, errno);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace npu::store
