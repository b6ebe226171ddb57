#include "store/closed_folder.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/account_name.hpp"

namespace npu::store {
namespace {

std::string user() {
  const uid_t uid = ::geteuid();
  const std::string name = user_name(uid);
  return name == std::to_string(uid) ? "with uid " + name : fmt::format("{} (uid {})", name, uid);
}

}  // namespace

std::string closed_folder(const std::string& path) {
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    if (::faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) != 0 && errno == EACCES) {
      return folder;
    }
  }
  return {};
}

std::string say_not_permitted(const std::string& path) {
  const std::string folder = closed_folder(path);
  const std::string what = folder.empty() ? "read the file" : "enter the folder " + folder;
  return fmt::format("Model file {} cannot be opened: the device manager's user {} may not {}",
                     path, user(), what);
}

}  // namespace npu::store
