#include "cli/migrate/tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/beneath.hpp"
#include "base/write_all.hpp"

namespace npu::cli::migrate {
namespace {

constexpr std::size_t kCopyAtOnce = std::size_t{1} << 20;
constexpr const char* kFresh = ".hailoctl-migrate";  // ending of what is not whole yet

Error failed(const std::string& doing, const std::string& path, int number) {
  if (number == ELOOP || number == EXDEV || number == ENOTDIR) {
    return {ErrorCode::kPermission,
            fmt::format("cannot {} {}: a link or a file is on the way where a folder should be",
                        doing, path)};
  }
  const ErrorCode code = number == ENOENT                       ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM  ? ErrorCode::kPermission
                         : number == ENOSPC || number == EDQUOT ? ErrorCode::kTooLarge
                                                                : ErrorCode::kUnavailable;
  return {code,
          fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(number))};
}

FileInfo info_of(const struct stat& is) {
  FileInfo info;
  info.kind = S_ISREG(is.st_mode)   ? FileInfo::Kind::kFile
              : S_ISDIR(is.st_mode) ? FileInfo::Kind::kFolder
              : S_ISLNK(is.st_mode) ? FileInfo::Kind::kLink
                                    : FileInfo::Kind::kOther;
  info.size = static_cast<std::uint64_t>(is.st_size);
  info.names = is.st_nlink;
  info.owner = is.st_uid;
  info.group = is.st_gid;
  info.mode = is.st_mode & 07777;
  return info;
}

// 0, or why it failed.
int copy_all(int from, int to) {
  const auto buffer = std::make_unique<char[]>(kCopyAtOnce);
  for (;;) {
    const ssize_t got = ::read(from, buffer.get(), kCopyAtOnce);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return 0;
    if (const int why = write_all(to, {buffer.get(), static_cast<std::size_t>(got)})) return why;
  }
}

UniqueFd make_file(int folder, const std::string& name, mode_t mode) {
  ::unlinkat(folder, name.c_str(), 0);  // of an attempt that broke off
  UniqueFd fd(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd && ::fchmod(fd.get(), mode) != 0) return {};
  return fd;
}

}  // namespace

Result<Tree> Tree::open(const std::string& root) {
  UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail(failed("open", root, errno));
  return Tree(std::move(fd), root);
}

Status Tree::lock() const {
  if (::flock(root_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ErrorCode::kBusy, "another migration is at work");
}

std::string Tree::on_disk(const std::string& path) const {
  return name_ == "/" ? path : name_ + path;
}

Result<Tree::Place> Tree::place(const std::string& path) const {
  const auto slash = path.rfind('/');
  if (!path.starts_with('/') || slash + 1 == path.size()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no absolute path of a file", path));
  }
  UniqueFd folder =
      open_beneath(root_.get(), slash == 0 ? "." : path.substr(1, slash - 1), Links::kNone);
  if (!folder) return fail(failed("reach", path, errno));
  return Place{std::move(folder), path.substr(slash + 1)};
}

Result<UniqueFd> Tree::open_file(const std::string& path) const {
  auto at = place(path);
  if (!at) return fail(at.error());
  UniqueFd fd = open_beneath(at->folder.get(), at->name, Links::kNone);
  if (!fd) return fail(failed("read", path, errno));
  struct stat is{};
  if (::fstat(fd.get(), &is) != 0 || !S_ISREG(is.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no file", path));
  }
  return fd;
}

FileInfo Tree::look(const std::string& path) const {
  const auto at = place(path);
  struct stat is{};
  if (!at || ::fstatat(at->folder.get(), at->name.c_str(), &is, AT_SYMLINK_NOFOLLOW) != 0) {
    return {};
  }
  return info_of(is);
}

Result<std::string> Tree::read(const std::string& path, std::size_t most) const {
  const auto fd = open_file(path);
  if (!fd) return fail(fd.error());
  std::string text(most + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd->get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(failed("read", path, errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) {
    return fail(ErrorCode::kTooLarge, fmt::format("{} has over {} bytes", path, most));
  }
  text.resize(size);
  return text;
}

std::vector<std::string> Tree::names(const std::string& folder) const {
  std::vector<std::string> out;
  const auto at = place(folder);
  if (!at) return out;
  UniqueFd fd = open_beneath(at->folder.get(), at->name, Links::kNone);
  DIR* const entries = fd ? ::fdopendir(fd.get()) : nullptr;
  if (entries == nullptr) return out;
  fd.release();
  while (const dirent* entry = ::readdir(entries)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
  }
  ::closedir(entries);
  std::ranges::sort(out);
  return out;
}

Status Tree::make_folder(const std::string& path, mode_t mode) const {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    const auto at = place(part);
    if (!at) return fail(at.error());
    if (::mkdirat(at->folder.get(), at->name.c_str(), mode) == 0) {
      // Whatever the umask of who calls this.
      const UniqueFd made = open_beneath(at->folder.get(), at->name, Links::kNone);
      if (!made || ::fchmod(made.get(), mode) != 0) return fail(failed("make", part, errno));
    } else if (errno != EEXIST) {
      return fail(failed("make", part, errno));
    }
    if (!look(part).is_folder()) return fail(failed("use", part, ENOTDIR));
    if (end == std::string::npos) return {};
  }
}

Status Tree::write(const std::string& path, const std::string& text, mode_t mode) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  const std::string fresh = "." + at->name + kFresh;
  const UniqueFd fd = make_file(at->folder.get(), fresh, mode);
  int why = fd ? write_all(fd.get(), text) : errno;
  if (why == 0 && ::fsync(fd.get()) != 0) why = errno;
  if (why == 0 &&
      ::renameat(at->folder.get(), fresh.c_str(), at->folder.get(), at->name.c_str()) != 0) {
    why = errno;
  }
  if (why != 0) {
    ::unlinkat(at->folder.get(), fresh.c_str(), 0);
    return fail(failed("write", path, why));
  }
  ::fsync(at->folder.get());
  return {};
}

Status Tree::append(const std::string& path, const std::string& text) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  const UniqueFd fd(::openat(at->folder.get(), at->name.c_str(),
                             O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  int why = fd ? write_all(fd.get(), text) : errno;
  if (why == 0 && ::fsync(fd.get()) != 0) why = errno;
  if (why != 0) return fail(failed("write", path, why));
  ::fsync(at->folder.get());
  return {};
}

Status Tree::copy(const std::string& from, const std::string& to) const {
  const auto source = open_file(from);
  if (!source) return fail(source.error());
  const auto at = place(to);
  if (!at) return fail(at.error());
  struct stat is{};
  if (::fstat(source->get(), &is) != 0) return fail(failed("read", from, errno));
  const std::string fresh = "." + at->name + kFresh;
  const UniqueFd target = make_file(at->folder.get(), fresh, is.st_mode & 07777);
  int why = target ? copy_all(source->get(), target.get()) : errno;
  if (why == 0 && ::fchown(target.get(), is.st_uid, is.st_gid) != 0 && ::geteuid() == 0)
    why = errno;
  if (why == 0 && ::fsync(target.get()) != 0) why = errno;
  if (why == 0 && ::renameat2(at->folder.get(), fresh.c_str(), at->folder.get(), at->name.c_str(),
                              RENAME_NOREPLACE) != 0) {
    why = errno;
  }
  if (why != 0) {
    ::unlinkat(at->folder.get(), fresh.c_str(), 0);
    return fail(failed(fmt::format("copy {} to", from), to, why));
  }
  ::fsync(at->folder.get());
  return {};
}

Status Tree::move(const std::string& from, const std::string& to) const {
  const auto source = place(from);
  if (!source) return fail(source.error());
  const auto target = place(to);
  if (!target) return fail(target.error());
  if (::renameat2(source->folder.get(), source->name.c_str(), target->folder.get(),
                  target->name.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EXDEV) return fail(failed(fmt::format("move {} to", from), to, errno));
    const Status copied = copy(from, to);
    return copied ? remove(from) : copied;
  }
  ::fsync(target->folder.get());
  ::fsync(source->folder.get());
  return {};
}

Status Tree::set_access(const std::string& path, const Access& access) const {
  const auto fd = open_file(path);
  if (!fd) return fail(fd.error());
  struct stat is{};
  if (::fstat(fd->get(), &is) != 0) return fail(failed("read", path, errno));
  if (is.st_nlink != 1) {
    return fail(ErrorCode::kPermission,
                fmt::format("{} is the same file as another one elsewhere", path));
  }
  // Somebody else than root has a made-up root only, and gives nothing away.
  if (::geteuid() == 0 && ::fchown(fd->get(), access.owner, access.group) != 0) {
    return fail(failed("give away", path, errno));
  }
  if (::fchmod(fd->get(), access.mode) != 0) return fail(failed("change the mode of", path, errno));
  return {};
}

Status Tree::remove(const std::string& path) const {
  const auto at = place(path);
  if (!at) return at.error().code == ErrorCode::kNotFound ? Status() : fail(at.error());
  if (::unlinkat(at->folder.get(), at->name.c_str(), 0) != 0 && errno != ENOENT) {
    return fail(failed("remove", path, errno));
  }
  ::fsync(at->folder.get());
  return {};
}

void Tree::remove_folder(const std::string& path) const {
  if (const auto at = place(path)) {
    ::unlinkat(at->folder.get(), at->name.c_str(), AT_REMOVEDIR);
  }
}

}  // namespace npu::cli::migrate
