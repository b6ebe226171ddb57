// Shared memory for tensors: a few regions that grow on demand, cut into blocks and used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tensor/shared_memory.hpp"

namespace npu::client {

// One memfd. Blocks are cut out first fit, so that the same warm pages are used again and again.
// Thread safe. Lives as long as the arena or one of its blocks holds it.
class Region {
 public:
  Region(std::uint64_t id, SharedMemory memory);

  // Offset of a free range, aligned to kBlockAlignment, or nullopt.
  std::optional<std::size_t> take(std::size_t bytes);
  void give_back(std::size_t offset, std::size_t bytes);

  std::uint64_t id() const { return id_; }  // unique in the process
  std::size_t size() const { return memory_.size(); }
  std::span<std::byte> bytes() const { return memory_.bytes(); }
  int fd() const { return memory_.fd(); }

 private:
  const std::uint64_t id_;
  const SharedMemory memory_;
  std::mutex mutex_;
  std::map<std::size_t, std::size_t> free_;  // offset to size, never adjacent
};

inline constexpr std::size_t kBlockAlignment = 64;

// n rounded up to the next multiple of kBlockAlignment.
constexpr std::size_t aligned(std::size_t n) {
  return (n + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

// A range of a region; returned to it on destruction. Neither copied nor moved: shared by pointer.
class Block {
 public:
  Block(std::shared_ptr<Region> region, std::size_t offset, std::size_t size);
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block();

  const std::shared_ptr<Region>& region() const { return region_; }
  std::size_t offset() const { return offset_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return region_->bytes().subspan(offset_, size_); }

 private:
  std::shared_ptr<Region> region_;
  std::size_t offset_;
  std::size_t size_;
};

// Thread safe. Blocks may outlive it.
class Arena {
 public:
  // max_bytes: all regions together.
  explicit Arena(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // A block of at least `bytes` bytes (at least one unit of alignment), or null where that would
  // take more than max_bytes or the system has no more memory.
  std::shared_ptr<Block> allocate(std::size_t bytes);

  // Takes no more blocks from this region; it is freed with its last block. For regions that a
  // manager that is gone may still write to.
  void retire(const Region& region);

 private:
  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Region>> regions_;
  std::size_t held_ = 0;
};

}  // namespace npu::client
