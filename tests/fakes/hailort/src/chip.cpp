#include "chip.hpp"

#include <algorithm>
#include <cstring>

#include "chip_access.hpp"

namespace hailo_fake {
namespace {

using namespace std::chrono_literals;
using npu::SteadyTime;
using std::chrono::steady_clock;

constexpr auto kBoot = 1s;
constexpr auto kGroupWait = 5s;
constexpr auto kKvWait = 5s;
// The chip frees the KV cache of a destroyed model a little later.
constexpr auto kKvCleanup = 50ms;
constexpr std::uint32_t kMaxCoreOps = 26;
constexpr std::uint32_t kChannels = 16;
constexpr const char* kUnique = "UNIQUE";

}  // namespace

Chip::Chip(const Settings& settings, std::uint64_t memory_bytes)
    : settings_(settings), memory_bytes_(memory_bytes) {
  auto state = npu::device::sim::ChipState::open(settings.state, memory_bytes);
  if (!state) give_up(state.error().message);
  state_ = std::move(*state);
  area_ = reinterpret_cast<ChipArea*>(state_->area().data());

  // What a dead process left in this slot.
  const Access access(*this);
  const std::size_t slot = state_->slot();
  area_->members[slot] = 0;
  area_->channels[slot] = 0;
  if (area_->kv_owner == slot + 1) area_->kv_owner = 0;
  for (auto& runner : area_->runners) {
    if (runner.owner == slot + 1) runner = {};
  }
  forget_dead();
}

bool Chip::booting() const {
  return ticks(steady_clock::now()) < std::atomic_ref(area_->boots_until).load();
}

bool Chip::busy() {
  const Access access(*this);
  return ticks(steady_clock::now()) < area_->busy_until;
}

void Chip::restart() {
  {
    const Access access(*this);
    ++area_->restarts;
    std::atomic_ref(area_->boots_until).store(ticks(steady_clock::now() + settings_.scaled(kBoot)));
    std::ranges::fill(area_->members, 0U);
    std::ranges::fill(area_->channels, 0U);
    std::ranges::fill(area_->residents, ChipArea::Resident{});
    std::ranges::fill(area_->runners, ChipArea::Runner{});
    std::memset(area_->group, 0, sizeof(area_->group));
    area_->kv_owner = 0;
    area_->kv_free_at = 0;
    area_->busy_until = 0;
  }
  ring();
}

hailo_status Chip::open_channel() {
  const Access access(*this);
  std::uint32_t taken = 0;
  for (std::size_t slot = 0; slot < kProcesses; ++slot) {
    if (state_->alive(slot)) taken += area_->channels[slot];
  }
  if (taken >= kChannels) return HAILO_DEVICE_TEMPORARILY_UNAVAILABLE;
  ++area_->channels[state_->slot()];
  return HAILO_SUCCESS;
}

void Chip::close_channel(Session session) {
  const Access access(*this);
  auto& mine = area_->channels[state_->slot()];
  if (session == area_->restarts && mine > 0) --mine;
}

// ---- the group ----

bool Chip::active() {
  for (std::size_t slot = 0; slot < kProcesses; ++slot) {
    if (area_->members[slot] > 0 && state_->alive(slot)) return true;
  }
  return false;
}

void Chip::forget_dead() {
  if (active()) return;
  std::ranges::fill(area_->members, 0U);
  std::ranges::fill(area_->residents, ChipArea::Resident{});
  std::memset(area_->group, 0, sizeof(area_->group));
}

void Chip::admit(const std::string& group) {
  std::memset(area_->group, 0, sizeof(area_->group));
  std::memcpy(area_->group, group.data(), std::min(group.size(), sizeof(area_->group) - 1));
  ++area_->members[state_->slot()];
}

hailo_status Chip::join(const std::string& group, const Stop& stop) {
  const bool unique = group == kUnique;
  // Before 5.3 only those who want the chip for themselves wait, and only they are refused by their
  // own group.
  const bool waits = unique && !settings_.at_least(3);
  const SteadyTime deadline = steady_clock::now() + settings_.scaled(kGroupWait);
  const Session session = this->session();
  for (;;) {
    {
      const Access access(*this);
      forget_dead();
      const bool other = active() && (unique || group != area_->group);
      if (!other) {
        admit(group);
        return HAILO_SUCCESS;
      }
      if (!waits || steady_clock::now() >= deadline) return HAILO_DEVICE_IN_USE;
    }
    const auto next = std::min(deadline, steady_clock::now() + kDeathCheck);
    const auto woken = sleep_until(next, session, [&] {
      const Access access(*this);
      return !active() || (stop && stop());
    });
    if (woken == Wake::kRestarted || (stop && stop())) return HAILO_COMMUNICATION_CLOSED;
  }
}

hailo_status Chip::join_for_genai(const std::string& group) {
  const Access access(*this);
  forget_dead();
  if (!active()) {
    // The unique group is looked for, others are made.
    if (group == kUnique) return HAILO_DEVICE_IN_USE;
    admit(group);
    return HAILO_SUCCESS;
  }
  if (group != kUnique && group != area_->group) return HAILO_DEVICE_IN_USE;
  ++area_->members[state_->slot()];
  return HAILO_SUCCESS;
}

void Chip::leave(Session session) {
  {
    const Access access(*this);
    auto& members = area_->members[state_->slot()];
    if (session != area_->restarts || members == 0) return;
    --members;
    forget_dead();
  }
  ring();
}

// ---- memory ----

hailo_status Chip::load(std::uint64_t hash, std::uint64_t bytes, int core_ops) {
  const Access access(*this);
  forget_dead();
  ChipArea::Resident* free = nullptr;
  std::uint64_t used = 0;
  std::uint32_t there = 0;
  for (auto& resident : area_->residents) {
    if (resident.hash == hash) return HAILO_SUCCESS;
    if (resident.hash == 0 && free == nullptr) free = &resident;
    used += resident.bytes;
    there += resident.core_ops;
  }
  if (free == nullptr || there + static_cast<std::uint32_t>(core_ops) > kMaxCoreOps) {
    return HAILO_INVALID_OPERATION;
  }
  if (memory_bytes_ > 0 && (used > memory_bytes_ || bytes > memory_bytes_ - used)) {
    return HAILO_OUT_OF_HOST_MEMORY;
  }
  *free = {.hash = hash,
           .bytes = bytes,
           .core_ops = static_cast<std::uint32_t>(core_ops),
           .priority = HAILO_SCHEDULER_PRIORITY_NORMAL};
  return HAILO_SUCCESS;
}

ChipArea::Resident* Chip::find_resident(std::uint64_t hash) {
  const auto found = std::ranges::find(area_->residents, hash, &ChipArea::Resident::hash);
  return found == std::end(area_->residents) ? nullptr : found;
}

void Chip::set_priority(std::uint64_t hash, int priority) {
  const Access access(*this);
  if (auto* resident = find_resident(hash))
    resident->priority = static_cast<std::uint32_t>(priority);
}

int Chip::priority(std::uint64_t hash) {
  const Access access(*this);
  const auto* resident = find_resident(hash);
  return resident != nullptr ? static_cast<int>(resident->priority)
                             : HAILO_SCHEDULER_PRIORITY_NORMAL;
}

std::uint64_t Chip::used_bytes() {
  const Access access(*this);
  forget_dead();
  std::uint64_t used = 0;
  for (const auto& resident : area_->residents) used += resident.bytes;
  return used;
}

bool Chip::resident(std::uint64_t hash) {
  const Access access(*this);
  return find_resident(hash) != nullptr;
}

// ---- the KV cache ----

bool Chip::kv_taken() const {
  const std::uint32_t owner = area_->kv_owner;
  return (owner != 0 && state_->alive(owner - 1)) || ticks(steady_clock::now()) < area_->kv_free_at;
}

hailo_status Chip::take_kv(const Stop& stop) {
  if (!settings_.at_least(2)) return HAILO_SUCCESS;  // nothing guards it
  const bool waits = settings_.at_least(3);
  const SteadyTime deadline = steady_clock::now() + settings_.scaled(kKvWait);
  const Session session = this->session();
  for (;;) {
    {
      const Access access(*this);
      if (!kv_taken()) {
        area_->kv_owner = static_cast<std::uint32_t>(state_->slot() + 1);
        return HAILO_SUCCESS;
      }
    }
    if (!waits) return HAILO_COMMUNICATION_CLOSED;
    if (steady_clock::now() >= deadline) return HAILO_INVALID_OPERATION;
    const auto next = std::min(deadline, steady_clock::now() + kDeathCheck);
    const auto woken = sleep_until(next, session, [&] {
      const Access access(*this);
      return !kv_taken() || (stop && stop());
    });
    if (woken == Wake::kRestarted) return HAILO_COMMUNICATION_CLOSED;
  }
}

void Chip::release_kv(Session session) {
  if (!settings_.at_least(2)) return;
  {
    const Access access(*this);
    if (session != area_->restarts) return;
    area_->kv_owner = 0;
    area_->kv_free_at = ticks(steady_clock::now() + settings_.scaled(kKvCleanup));
  }
  ring();
}

void Chip::with_counters(const std::function<void(npu::device::sim::FaultCounters&)>& look) {
  const Access access(*this);
  look(state_->fault_counters());
}

}  // namespace hailo_fake
