// A file on its way: NAME.part beside NAME, which others never see unfinished under its name.
//
//   auto part = PartFile::open("/var/lib/hailo/models/yolov8n.hef");   // kBusy: others fetch it
//   part->begin({url, etag}); part->append(bytes); ... part->finish();
//
// What was written stays when the process ends in the middle, with where it came from
// (NAME.part.from), so that the next one goes on from there. Files get the mode 0644 whatever the
// umask, and if this is root the owner and group of their folder. Move-only, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::store {

// Where bytes came from, and the server's word for this very version of them (ETag or
// Last-Modified), "" where it has none.
struct Origin {
  std::string url;
  std::string validator;
};

class PartFile {
 public:
  // target: the file's name in the end; its folder must be there. kBusy while another process has
  // it open, kPermission, kNotFound (no folder), kInvalidArgument. Of other users' files that are
  // there under NAME.part, links above all, none is touched.
  static Result<PartFile> open(const std::string& target);

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  const Origin& origin() const { return origin_; }  // empty: whatever is there is of no use

  // Empties it, for bytes of this origin.
  Status begin(const Origin& origin);
  // kTooLarge: no room, or over the user's limit. What was written stays.
  Status append(std::span<const std::byte> bytes);
  // On the disk under its name, in the place of what may be there.
  Status finish();
  // Nothing is left of it.
  void discard();

 private:
  std::string target_;
  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
  Origin origin_;
};

// Makes the folder and those above it that are missing, with the mode 0755 whatever the umask.
Status make_folders(const std::string& folder);

// Replaces a small file at once, with the mode and owner as above.
Status replace_file(const std::string& path, std::string_view text);

// Bytes that an ordinary user may still write in the folder's file system.
Result<std::uint64_t> free_bytes(const std::string& folder);

}  // namespace npu::store
