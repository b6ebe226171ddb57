#include "manager/memory/slab_pool.hpp"

#include <bit>
#include <iterator>
#include <map>
#include <utility>

namespace npu::manager {
namespace {

constexpr std::size_t kSmallest = std::size_t{64} << 10;
constexpr std::size_t kCoarse = std::size_t{8} << 20;

// Powers of two, then multiples of 8 MiB: pages that are never touched cost nothing.
std::size_t class_of(std::size_t bytes) {
  if (bytes <= kSmallest) return kSmallest;
  if (bytes <= kCoarse) return std::bit_ceil(bytes);
  return (bytes + kCoarse - 1) / kCoarse * kCoarse;
}

}  // namespace

struct SlabPool::State {
  State(RegionRegistry& r, const Clock& c, std::size_t bytes, std::size_t slabs)
      : registry(r), clock(c), keep_bytes(bytes), keep_slabs(slabs) {}

  struct Idle {
    RegionPtr region;
    SteadyTime since;
  };

  RegionRegistry& registry;
  const Clock& clock;
  std::size_t keep_bytes;
  std::size_t keep_slabs;
  std::multimap<std::size_t, Idle> idle;
  std::size_t kept = 0;
  std::size_t used = 0;

  void give_back(RegionPtr region) {
    const std::size_t size = region->bytes().size();
    used -= size;
    if (size > keep_bytes || keep_slabs == 0) return;
    while (kept + size > keep_bytes || idle.size() >= keep_slabs) drop(oldest());
    idle.emplace(size, Idle{std::move(region), clock.now()});
    kept += size;
  }

  std::multimap<std::size_t, Idle>::iterator oldest() {
    auto found = idle.begin();
    for (auto it = idle.begin(); it != idle.end(); ++it) {
      if (it->second.since < found->second.since) found = it;
    }
    return found;
  }

  std::multimap<std::size_t, Idle>::iterator drop(
      std::multimap<std::size_t, Idle>::iterator which) {
    kept -= which->first;
    return idle.erase(which);
  }
};

struct SlabPool::Lent {
  Lent(std::weak_ptr<State> of, RegionPtr slab, ClientQuota::Hold on_behalf)
      : pool(std::move(of)), region(std::move(slab)), hold(std::move(on_behalf)) {}
  ~Lent() {
    if (const auto state = pool.lock()) state->give_back(std::move(region));
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  std::weak_ptr<State> pool;
  RegionPtr region;
  ClientQuota::Hold hold;
};

SlabPool::SlabPool(RegionRegistry& registry, const Clock& clock, std::size_t keep_bytes,
                   std::size_t keep_slabs)
    : state_(std::make_shared<State>(registry, clock, keep_bytes, keep_slabs)) {}

Result<RegionPtr> SlabPool::take(std::size_t bytes, ClientQuota::Hold hold) {
  const std::size_t size = class_of(bytes);
  RegionPtr region;
  if (const auto [begin, end] = state_->idle.equal_range(size); begin != end) {
    const auto warmest = std::prev(end);
    region = std::move(warmest->second.region);
    state_->drop(warmest);
  } else {
    auto memory = SharedMemory::create(size);
    if (!memory) return fail(memory.error());
    region = state_->registry.add(std::move(*memory));
  }
  state_->used += size;
  auto lent = std::make_shared<Lent>(state_, std::move(region), std::move(hold));
  Region* const slab = lent->region.get();
  return RegionPtr(std::move(lent), slab);
}

void SlabPool::trim(Duration age) {
  const SteadyTime limit = state_->clock.now() - age;
  for (auto it = state_->idle.begin(); it != state_->idle.end();) {
    it = it->second.since <= limit ? state_->drop(it) : std::next(it);
  }
}

std::size_t SlabPool::bytes_in_use() const { return state_->used; }
std::size_t SlabPool::bytes_kept() const { return state_->kept; }

}  // namespace npu::manager
