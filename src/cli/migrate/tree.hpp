// Files below a root, reached without following any link: folders of service users are on the way,
// and what such a user has put there must not lead root to another file.
//
// Paths are absolute, as they are below the root. A path with a link on the way is kPermission, and
// says so; nothing is done then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::cli::migrate {

struct FileInfo {
  enum class Kind { kAbsent, kFile, kFolder, kLink, kOther };
  Kind kind = Kind::kAbsent;
  std::uint64_t size = 0;
  std::uint64_t names = 0;  // hard links
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;  // permissions alone

  bool is_file() const { return kind == Kind::kFile; }
  bool is_folder() const { return kind == Kind::kFolder; }
  bool is_absent() const { return kind == Kind::kAbsent; }
};

struct Access {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
};

class Tree {
 public:
  static Result<Tree> open(const std::string& root);

  // Until this is destroyed nobody else gets it; kBusy where somebody has it.
  Status lock() const;

  // Of what stands there itself, also a link. kAbsent too where it cannot be reached.
  FileInfo look(const std::string& path) const;
  // kTooLarge beyond `most`; kInvalidArgument where it is no file.
  Result<std::string> read(const std::string& path, std::size_t most) const;
  // Names in a folder, sorted; none where there is no folder.
  std::vector<std::string> names(const std::string& folder) const;

  // With the folders above it, all of this mode. Those that are there stay as they are.
  Status make_folder(const std::string& path, mode_t mode) const;
  // Replaces the file at once, whole on the disk, or leaves it as it was.
  Status write(const std::string& path, const std::string& text, mode_t mode) const;
  // Appends and waits for the disk. Made for its owner alone.
  Status append(const std::string& path, const std::string& text) const;
  // A file, over nothing, with its owner and mode.
  Status copy(const std::string& from, const std::string& to) const;
  // A file or a link, over nothing: where `to` is there, this fails. A file goes to another file
  // system as a copy, whose original is then removed.
  Status move(const std::string& from, const std::string& to) const;
  // A file that is one, by one name only.
  Status set_access(const std::string& path, const Access& access) const;
  // A file or a link; what is not there is as well as removed.
  Status remove(const std::string& path) const;
  // A folder, if it is empty.
  void remove_folder(const std::string& path) const;

  // For other libraries, which follow links: only for paths whose folders belong to root.
  std::string on_disk(const std::string& path) const;

 private:
  Tree(UniqueFd root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}

  struct Place {
    UniqueFd folder;
    std::string name;
  };
  Result<Place> place(const std::string& path) const;
  Result<UniqueFd> open_file(const std::string& path) const;

  UniqueFd root_;
  std::string name_;
};

}  // namespace npu::cli::migrate
