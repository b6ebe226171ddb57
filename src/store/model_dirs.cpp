#include "store/model_dirs.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fnmatch.h>

#include <fmt/format.h>

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

// path = parent + "/" + part + "/" + rest, where part matches pattern and rest is not empty.
bool matches(const std::string& path, const std::string& parent, const std::string& pattern) {
  const std::string prefix = parent == "/" ? "/" : parent + "/";
  if (!path.starts_with(prefix)) return false;
  const std::size_t end = path.find('/', prefix.size());
  if (end == std::string::npos || end + 1 >= path.size()) return false;
  const std::string part = path.substr(prefix.size(), end - prefix.size());
  return ::fnmatch(pattern.c_str(), part.c_str(), FNM_PERIOD) == 0;
}

}  // namespace

ModelDirs::ModelDirs(std::vector<std::string> dirs) {
  for (const std::string& dir : dirs) {
    const fs::path path = normal(dir);
    if (!path.is_absolute() || path == path.root_path()) continue;
    folders_.push_back({path.parent_path().string(), path.filename().string()});
  }
}

bool ModelDirs::below(const std::string& path, bool resolved) const {
  return std::ranges::any_of(folders_, [&](const Folder& folder) {
    if (matches(path, folder.parent, folder.pattern)) return true;
    if (!resolved) return false;
    if (has_wildcard(folder.pattern))
      return matches(path, real_path(folder.parent), folder.pattern);
    std::string real = real_path(folder.parent + "/" + folder.pattern);
    return !real.empty() && path.starts_with(real + "/");
  });
}

bool ModelDirs::contains_text(std::string_view path) const {
  return path.starts_with('/') && below(normal(path), false);
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

Result<std::string> ModelDirs::resolve(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos || !contains_text(path))
    return fail(not_allowed(path));
  // The text as it was given and not its normal form: ".." behind a link leads elsewhere.
  std::string real = real_path(std::string(path));
  if (real.empty())
    return fail(ErrorCode::kNotFound, fmt::format("Model file not found: {}", path));
  if (!below(real, true)) return fail(not_allowed(path));
  std::error_code error;
  if (!fs::is_regular_file(real, error)) {
    return fail(ErrorCode::kNotFound, fmt::format("Model file not found: {}", path));
  }
  return real;
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

std::string ModelDirs::find(std::string_view name) const {
  for (const std::string& dir : expand()) {
    for (const char* sub : {"/", "/models/"}) {
      if (auto found = resolve(fmt::format("{}{}{}", dir, sub, name))) return *found;
    }
  }
  return {};
}

std::string ModelDirs::suggestion() const {
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    if (!has_wildcard(folder->pattern)) return folder->parent + "/" + folder->pattern;
  }
  return {};
}

}  // namespace npu::store
