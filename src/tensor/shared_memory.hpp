// A mapped memfd whose size is sealed, so that no process that holds it can make a reader of it
// crash by truncating it.
//
// Move-only; unmaps and closes on destruction. The contents are shared: a peer may change them at
// any time, so every value that decides something is copied out before it is checked.
#pragma once

#include <cstddef>
#include <span>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu {

class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  // A new zero-filled region of at least one byte, sealed against resizing.
  // kUnavailable where the system has no memory or descriptors left.
  static Result<SharedMemory> create(std::size_t bytes);

  // Maps a region made by somebody else. Takes the descriptor on success only, and closes none:
  // what a stranger passed may take for ever to close. Does not wait for whoever serves the file.
  // kInvalidArgument unless it is a memfd of ordinary pages, sealed with F_SEAL_SHRINK and
  // F_SEAL_GROW and against no writing, open for reading and writing, and holds exactly `bytes`
  // bytes, 1..max_bytes. Adds F_SEAL_SEAL: who maps it later finds it as it was found here.
  // kOverloaded where the system has no room for the mapping.
  static Result<SharedMemory> adopt(UniqueFd&& fd, std::size_t bytes, std::size_t max_bytes);

  std::span<std::byte> bytes() const { return {data_, size_}; }
  std::size_t size() const { return size_; }
  // For passing on to another process; stays owned by this object. -1 after drop_fd().
  int fd() const { return fd_.get(); }
  // Closes the descriptor: the mapping needs none.
  void drop_fd() { fd_.reset(); }

  // Has the system give memory for the first `bytes` bytes now, so that writing to them ends nobody
  // where it has none. kOverloaded: it has none.
  Status back(std::size_t bytes) const;

 private:
  SharedMemory(UniqueFd fd, std::byte* data, std::size_t size);
  static Result<SharedMemory> map(UniqueFd&& fd, std::size_t bytes);

  UniqueFd fd_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace npu
