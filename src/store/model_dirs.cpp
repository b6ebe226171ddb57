#include "store/model_dirs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <fnmatch.h>

#include <fmt/format.h>

#include "base/beneath.hpp"
#include "store/closed_folder.hpp"

namespace npu::store {
namespace fs = std::filesystem;
namespace {

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

std::string normal(std::string_view path) {
  std::string text = fs::path(path).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

// Empty if it does not exist or cannot be reached.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : std::string();
}

// Whether the name of a folder is one that pattern stands for.
bool stands_for(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

// One that a pattern found is not followed where it is a link.
UniqueFd open_folder(const std::string& path, bool by_pattern) {
  const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (by_pattern ? O_NOFOLLOW : 0);
  return UniqueFd(::open(path.c_str(), flags));
}

Error cannot_open(std::string_view path, int error) {
  switch (error) {
    case EACCES:
    case EPERM: return {ErrorCode::kPermission, say_not_permitted(std::string(path))};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return {ErrorCode::kOverloaded,
              fmt::format("Model file {} cannot be opened now: the device manager has no {} left",
                          path, error == ENOMEM ? "memory" : "descriptors")};
    default: return {ErrorCode::kNotFound, fmt::format("Model file not found: {}", path)};
  }
}

}  // namespace

ModelDirs::ModelDirs(std::vector<std::string> dirs) {
  for (const std::string& dir : dirs) {
    const fs::path path = normal(dir);
    if (!path.is_absolute() || path == path.root_path()) continue;
    folders_.push_back({path.parent_path().string(), path.filename().string()});
  }
}

std::optional<ModelDirs::Place> ModelDirs::place(const Folder& folder, const std::string& parent,
                                                 const std::string& path) {
  const std::string prefix = parent == "/" ? "/" : parent + "/";
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::size_t end = path.find('/', prefix.size());
  if (end == std::string::npos) return std::nullopt;
  const bool by_pattern = has_wildcard(folder.pattern);
  const std::string name = path.substr(prefix.size(), end - prefix.size());
  const bool is_it = by_pattern ? stands_for(folder.pattern, name) : name == folder.pattern;
  std::size_t begin = end;
  while (begin < path.size() && path[begin] == '/') ++begin;
  if (!is_it || begin == path.size()) return std::nullopt;
  return Place{path.substr(0, end), path.substr(begin), by_pattern};
}

std::optional<ModelDirs::Place> ModelDirs::place(const std::string& path) const {
  for (const Folder& folder : folders_) {
    if (auto found = place(folder, folder.parent, path)) return found;
  }
  return std::nullopt;
}

std::optional<ModelDirs::Place> ModelDirs::real_place(const std::string& path) const {
  if (auto found = place(path)) return found;
  for (const Folder& folder : folders_) {
    if (has_wildcard(folder.pattern)) {
      const std::string parent = real_path(folder.parent);
      if (auto found = place(folder, parent, path)) return found;
      continue;
    }
    const std::string real = real_path(folder.parent + "/" + folder.pattern);
    if (!real.empty() && path.starts_with(real + "/")) {
      return Place{real, path.substr(real.size() + 1), false};
    }
  }
  return std::nullopt;
}

bool ModelDirs::contains_text(std::string_view path) const {
  return path.starts_with('/') && place(normal(path)).has_value();
}

Error ModelDirs::not_allowed(std::string_view path) const {
  std::vector<std::string> names;
  names.reserve(folders_.size());
  for (const Folder& folder : folders_) {
    names.push_back(folder.parent == "/" ? "/" + folder.pattern
                                         : folder.parent + "/" + folder.pattern);
  }
  return {ErrorCode::kPermission,
          fmt::format("Model path not allowed: {} (models must lie below {})", path,
                      fmt::join(names, ", "))};
}

Result<OpenedFile> ModelDirs::open(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos || !contains_text(path))
    return fail(not_allowed(path));
  const std::string asked(path);
  // The text as it was given where it can be, and not its normal form: ".." behind a link leads
  // elsewhere.
  if (const auto below = place(asked)) {
    const UniqueFd folder = open_folder(below->folder, below->by_pattern);
    UniqueFd file = folder ? open_beneath(folder.get(), below->rest) : UniqueFd();
    if (file) return adopt_file(std::move(file), asked);
    const bool by_link = errno == EXDEV || errno == ELOOP || (!folder && errno == ENOTDIR);
    if (!by_link) return fail(cannot_open(path, errno));
  }
  return open_elsewhere(asked);
}

// Where a link leads out of its folder: into another one, by the way without links.
Result<OpenedFile> ModelDirs::open_elsewhere(const std::string& path) const {
  const std::string real = real_path(path);
  if (real.empty()) return fail(cannot_open(path, errno));
  const auto below = real_place(real);
  if (!below) return fail(not_allowed(path));
  const UniqueFd folder = open_folder(below->folder, below->by_pattern);
  UniqueFd file = folder ? open_beneath(folder.get(), below->rest, Links::kNone) : UniqueFd();
  if (!file && (errno == ELOOP || errno == EXDEV || errno == ENOTDIR))
    return fail(not_allowed(path));
  if (!file) return fail(cannot_open(path, errno));
  return adopt_file(std::move(file), path);
}

std::vector<std::string> ModelDirs::expand() const {
  std::vector<std::string> paths;
  for (const Folder& folder : folders_) {
    if (!has_wildcard(folder.pattern)) {
      paths.push_back(folder.parent + "/" + folder.pattern);
      continue;
    }
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator it(folder.parent, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (::fnmatch(folder.pattern.c_str(), name.c_str(), FNM_PERIOD) == 0)
        found.push_back(it->path());
    }
    std::ranges::sort(found);
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

Result<OpenedFile> ModelDirs::find(std::string_view name) const {
  std::optional<Error> why;
  for (const std::string& dir : expand()) {
    for (const char* sub : {"/", "/models/"}) {
      auto found = open(fmt::format("{}{}{}", dir, sub, name));
      if (found) return found;
      if (found.error().code == ErrorCode::kPermission && !closed_folder(dir + sub).empty()) {
        if (!why) why = std::move(found.error());
        break;
      }
    }
  }
  return fail(
      why.value_or(Error{ErrorCode::kNotFound, fmt::format("no model folder holds {}", name)}));
}

std::string ModelDirs::suggestion() const {
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    if (!has_wildcard(folder->pattern)) return folder->parent + "/" + folder->pattern;
  }
  return {};
}

}  // namespace npu::store
