// A model file that was opened when it was checked: whatever becomes of its name, this is the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::store {

struct OpenedFile {
  std::string path;  // its own, every link resolved; only a name from now on
  UniqueFd fd;       // none for a model of the simulated device that needs no file
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since 1970
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  bool same_content_as(const OpenedFile& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           modified == other.modified;
  }
};

// asked: for messages and, where the system does not tell, as the path. kNotFound where it is no
// regular file.
Result<OpenedFile> adopt_file(UniqueFd fd, const std::string& asked);

// From the beginning; of a longer file one byte more than `most`.
Result<std::string> read_text(const OpenedFile& file, std::size_t most);

}  // namespace npu::store
