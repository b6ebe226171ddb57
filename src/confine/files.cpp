#include <cerrno>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"
#include "confine/confine.hpp"
#include "confine/landlock.hpp"

namespace npu::confine {
namespace {

using namespace landlock;

// What a program may need of the system at any time: libraries that are loaded late, the clock's
// zone, what the machine is. /proc is whole, because the kernel may forget the inode of one folder
// in it and make another; of other processes Landlock leaves visible what everybody may see.
constexpr const char* kSystem[] = {"/usr",           "/lib",
                                   "/lib64",         "/etc/ld.so.cache",
                                   "/etc/localtime", "/etc/machine-id",
                                   "/proc",          "/sys/devices/system",
                                   "/dev/null",      "/dev/urandom"};

constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceIoctl;
constexpr std::uint64_t kReading = kExecute | kReadFile | kReadDir;
constexpr std::uint64_t kWriting = kReading | kWriteFile | kTruncate | kDeviceIoctl | kRemoveDir |
                                   kRemoveFile | kMakeDir | kMakeRegular | kRefer;

std::uint64_t known_to(int version) {
  std::uint64_t rights = kRefer - 1;
  if (version >= 2) rights |= kRefer;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kDeviceIoctl;
  return rights;
}

Error failed(const char* what) {
  return {ErrorCode::kUnsupported,
          fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

Status allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const UniqueFd parent(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info{};
  if (!parent || ::fstat(parent.get(), &info) != 0) return {};  // absent, or not for this user
  if (!S_ISDIR(info.st_mode)) rights &= kOfFiles;
  const PathBeneath rule{.allowed = rights, .parent = parent.get()};
  if (::syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) == 0) return {};
  return fail(failed(path.c_str()));
}

}  // namespace

Status restrict_files(const Rules& rules) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(failed("no new privileges"));
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return fail(ErrorCode::kUnsupported, "the kernel has no Landlock");
  const auto known = known_to(static_cast<int>(version));
  Ruleset wanted{.files = known};
  if (version >= 4) wanted.network = kBindTcp | kConnectTcp;
  if (version >= 6) wanted.scopes = kAbstractSockets | kSignals;
  const UniqueFd ruleset(static_cast<int>(::syscall(kCreateRuleset, &wanted, sizeof wanted, 0)));
  if (!ruleset) return fail(failed("Landlock"));
  for (const char* path : kSystem) {
    if (auto ok = allow(ruleset.get(), path, kReading & known); !ok) return ok;
  }
  for (const auto& path : rules.read) {
    if (auto ok = allow(ruleset.get(), path, kReading & known); !ok) return ok;
  }
  for (const auto& path : rules.write) {
    if (auto ok = allow(ruleset.get(), path, kWriting & known); !ok) return ok;
  }
  if (::syscall(kRestrictSelf, ruleset.get(), 0) != 0) return fail(failed("Landlock"));
  return {};
}

}  // namespace npu::confine
