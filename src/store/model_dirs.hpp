// The folders that model files may lie in, and the check that a path does not lead out of them.
//
// Safe to use from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::store {

class ModelDirs {
 public:
  // Absolute paths; the last part of one may hold * and ? ("/var/lib/hailo-*").
  explicit ModelDirs(std::vector<std::string> dirs);

  // Whether the path, taken as text, lies below one of the folders ("." and ".." resolved).
  bool contains_text(std::string_view path) const;

  // The file with every symbolic link resolved. kPermission ("Model path not allowed: <path> ...")
  // if the text, or what it leads to, lies outside; nothing outside is looked at to find that out
  // for the text. kNotFound if it is not there or is no regular file.
  Result<std::string> resolve(std::string_view path) const;

  // The first folder that holds the file `name`, resolved as above; empty if none does.
  std::string find(std::string_view name) const;

  // Where to put a model by hand: the last folder without wildcard, for messages.
  std::string suggestion() const;

 private:
  struct Folder {
    std::string parent;   // all but the last part
    std::string pattern;  // the last part
  };
  bool below(const std::string& path, bool resolved) const;
  std::vector<std::string> expand() const;
  Error not_allowed(std::string_view path) const;

  std::vector<Folder> folders_;
};

}  // namespace npu::store
