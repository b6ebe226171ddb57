// The folders that model files may lie in, and the opening of files below them.
//
// What is opened lies below one of the folders at that moment, however names and links are changed
// meanwhile (docs/adr/0016).
//
// Safe to use from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "store/opened_file.hpp"

namespace npu::store {

class ModelDirs {
 public:
  // Absolute paths; the last part of one may hold * and ? ("/var/lib/hailo-*").
  explicit ModelDirs(std::vector<std::string> dirs);

  // Whether the path, taken as text, lies below one of the folders ("." and ".." resolved).
  bool contains_text(std::string_view path) const;

  // Opens the file. Links may lead anywhere below the folders. kPermission ("Model path not
  // allowed: <path> ...") if the text, or what it leads to, lies outside; nothing outside is looked
  // at to find that out for the text. kPermission too where this process's user may not enter a
  // folder or read the file, which the message says; kNotFound if it is not there or is no regular
  // file.
  Result<OpenedFile> open(std::string_view path) const;

  // The file `name` of the first folder that holds it, opened as above. kPermission where none that
  // could be entered does, and some could not.
  Result<OpenedFile> find(std::string_view name) const;

  // Where to put a model by hand: the last folder without wildcard, for messages.
  std::string suggestion() const;

 private:
  struct Folder {
    std::string parent;   // all but the last part
    std::string pattern;  // the last part
  };
  // A folder that is there, and what of a path lies below it.
  struct Place {
    std::string folder;
    std::string rest;
    bool by_pattern = false;
  };
  static std::optional<Place> place(const Folder& folder, const std::string& parent,
                                    const std::string& path);
  std::optional<Place> place(const std::string& path) const;
  std::optional<Place> real_place(const std::string& path) const;
  Result<OpenedFile> open_elsewhere(const std::string& path) const;
  std::vector<std::string> expand() const;
  Error not_allowed(std::string_view path) const;

  std::vector<Folder> folders_;
};

}  // namespace npu::store
