#include "client/arena.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

namespace npu::client {
namespace {

constexpr std::size_t kFirstRegion = std::size_t{4} << 20;
constexpr std::size_t kRegionUnit = std::size_t{1} << 20;

std::uint64_t next_region_id() {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Region::Region(std::uint64_t id, SharedMemory memory) : id_(id), memory_(std::move(memory)) {
  free_.emplace(0, memory_.size());
}

std::optional<std::size_t> Region::take(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto fits =
      std::ranges::find_if(free_, [&](const auto& range) { return range.second >= bytes; });
  if (fits == free_.end()) return std::nullopt;
  const auto [offset, size] = *fits;
  free_.erase(fits);
  if (size > bytes) free_.emplace(offset + bytes, size - bytes);
  return offset;
}

void Region::give_back(std::size_t offset, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  auto [at, added] = free_.emplace(offset, bytes);
  if (const auto next = std::next(at);
      next != free_.end() && at->first + at->second == next->first) {
    at->second += next->second;
    free_.erase(next);
  }
  if (at == free_.begin()) return;
  if (const auto before = std::prev(at); before->first + before->second == at->first) {
    before->second += at->second;
    free_.erase(at);
  }
}

Block::Block(std::shared_ptr<Region> region, std::size_t offset, std::size_t size)
    : region_(std::move(region)), offset_(offset), size_(size) {}

Block::~Block() { region_->give_back(offset_, size_); }

std::shared_ptr<Block> Arena::allocate(std::size_t bytes) {
  if (bytes > max_bytes_) return nullptr;
  const std::size_t size = aligned(std::max<std::size_t>(bytes, 1));
  const std::lock_guard lock(mutex_);
  for (const auto& region : regions_) {
    if (const auto offset = region->take(size))
      return std::make_shared<Block>(region, *offset, size);
  }
  // Doubling keeps the number of regions far below what a manager grants to one connection.
  const std::size_t room = max_bytes_ - held_;
  const std::size_t needed = (size + kRegionUnit - 1) / kRegionUnit * kRegionUnit;
  const std::size_t wanted = std::min(std::max({needed, held_, kFirstRegion}), room);
  if (wanted < size) return nullptr;
  auto memory = SharedMemory::create(wanted);
  if (!memory) return nullptr;
  auto region = std::make_shared<Region>(next_region_id(), std::move(*memory));
  regions_.push_back(region);
  held_ += wanted;
  const auto offset = region->take(size);
  return std::make_shared<Block>(std::move(region), *offset, size);
}

void Arena::retire(const Region& region) {
  const std::lock_guard lock(mutex_);
  const auto erased =
      std::erase_if(regions_, [&](const auto& held) { return held->id() == region.id(); });
  if (erased > 0) held_ -= region.size();
}

}  // namespace npu::client
