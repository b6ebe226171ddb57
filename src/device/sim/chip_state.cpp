#include "device/sim/chip_state.hpp"

#include <atomic>
#include <cerrno>
#include <new>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <fmt/format.h>

namespace npu::device::sim {
namespace {

constexpr std::uint64_t kMagic = 0x31706968436d6953;  // "SimChip1"
constexpr off_t kMutexByte = 0;
constexpr off_t kFirstSlotByte = 1;
constexpr double kMega = 1e6;

// Locks belong to the open file, so that two devices of one process exclude each other as well.
bool lock_byte(int fd, off_t byte, short type, int command) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  int rc = 0;
  do {
    rc = ::fcntl(fd, command, &lock);
  } while (rc != 0 && errno == EINTR);
  return rc == 0 && (command != F_OFD_GETLK || lock.l_type == F_UNLCK);
}

std::uint64_t nanoseconds(SteadyTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

}  // namespace

struct ChipState::Shared {
  struct Slot {
    std::uint64_t bytes;
    std::uint64_t kv;
  };
  std::uint64_t magic;
  Slot slots[kSlots];
  std::atomic<std::uint64_t> generation_start;
  std::atomic<std::uint64_t> generation_slot;
  std::atomic<std::uint64_t> generation_end;
  FaultCounters counters;
  alignas(8) std::byte area[kAreaBytes];
};

ChipState::Guard::Guard(const UniqueFd& fd) : fd_(fd.get()) {
  if (fd_ >= 0) lock_byte(fd_, kMutexByte, F_WRLCK, F_OFD_SETLKW);
}

ChipState::Guard::~Guard() {
  if (fd_ >= 0) lock_byte(fd_, kMutexByte, F_UNLCK, F_OFD_SETLK);
}

ChipState::ChipState(UniqueFd fd, Shared* shared, std::uint64_t memory_bytes)
    : fd_(std::move(fd)), shared_(shared), memory_bytes_(memory_bytes) {}

ChipState::~ChipState() { ::munmap(shared_, sizeof(Shared)); }

Result<std::unique_ptr<ChipState>> ChipState::open(const std::string& path,
                                                   std::uint64_t memory_bytes) {
  const auto cannot = [&](const char* what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("simulation state {}: {}: {}", path, what,
                                                         std::generic_category().message(errno)));
  };
  UniqueFd fd;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (!path.empty()) {
    fd.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660));
    if (!fd) return cannot("cannot be opened");
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return cannot("is not a file");
    const auto size = static_cast<off_t>(sizeof(Shared));
    if (info.st_size != 0 && info.st_size != size) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not the state of a simulated chip", path));
    }
    // Not sized only: writing where the file system is full would end the process.
    if (const int error = ::posix_fallocate(fd.get(), 0, size); error != 0) {
      return fail(ErrorCode::kUnavailable, fmt::format("simulation state {}: has no room: {}", path,
                                                       std::generic_category().message(error)));
    }
    flags = MAP_SHARED;
  }
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, flags, fd.get(), 0);
  if (memory == MAP_FAILED) return cannot("cannot be mapped");
  std::unique_ptr<ChipState> state(
      new ChipState(std::move(fd), static_cast<Shared*>(memory), memory_bytes));
  if (auto claimed = state->claim_slot(); !claimed) return fail(claimed.error());
  return state;
}

Status ChipState::claim_slot() {
  const Guard guard(fd_);
  if (shared_->magic != 0 && shared_->magic != kMagic) {
    return fail(ErrorCode::kInvalidArgument, "the file is not the state of a simulated chip");
  }
  shared_->magic = kMagic;
  if (!fd_) return {};
  for (slot_ = 0; slot_ < kSlots; ++slot_) {
    if (!lock_byte(fd_.get(), kFirstSlotByte + static_cast<off_t>(slot_), F_WRLCK, F_OFD_SETLK))
      continue;
    shared_->slots[slot_] = {};
    return {};
  }
  return fail(ErrorCode::kBusy, fmt::format("the simulated chip is used by {} processes", kSlots));
}

bool ChipState::alive(std::size_t slot) const {
  if (slot == slot_) return true;
  return fd_ &&
         !lock_byte(fd_.get(), kFirstSlotByte + static_cast<off_t>(slot), F_WRLCK, F_OFD_GETLK);
}

std::uint64_t ChipState::used_locked() const {
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (shared_->slots[i].bytes > 0 && alive(i)) used += shared_->slots[i].bytes;
  }
  return used;
}

std::uint64_t ChipState::used() const {
  const Guard guard(fd_);
  return used_locked();
}

Status ChipState::reserve(std::uint64_t bytes) {
  const Guard guard(fd_);
  const std::uint64_t used = used_locked();
  if (memory_bytes_ > 0 && (used > memory_bytes_ || bytes > memory_bytes_ - used)) {
    return fail(
        ErrorCode::kDoesNotFit,
        fmt::format("the model needs {:.0f} MB, {:.0f} MB of {:.0f} MB are free",
                    static_cast<double>(bytes) / kMega,
                    static_cast<double>(memory_bytes_ - std::min(used, memory_bytes_)) / kMega,
                    static_cast<double>(memory_bytes_) / kMega));
  }
  shared_->slots[slot_].bytes += bytes;
  return {};
}

void ChipState::release(std::uint64_t bytes) {
  const Guard guard(fd_);
  shared_->slots[slot_].bytes -= std::min(bytes, shared_->slots[slot_].bytes);
}

Status ChipState::take_kv() {
  const Guard guard(fd_);
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (shared_->slots[i].kv != 0 && alive(i)) {
      return fail(ErrorCode::kBusy, "the KV cache is in use by another model");
    }
  }
  shared_->slots[slot_].kv = 1;
  return {};
}

void ChipState::release_kv() {
  const Guard guard(fd_);
  shared_->slots[slot_].kv = 0;
}

void ChipState::generating(SteadyTime start, Duration slot, SteadyTime end) {
  shared_->generation_start = nanoseconds(start);
  shared_->generation_slot = static_cast<std::uint64_t>(std::max<Duration::rep>(slot.count(), 0));
  shared_->generation_end = nanoseconds(end);
}

Duration ChipState::slot_rest(SteadyTime now) const {
  const std::uint64_t at = nanoseconds(now);
  const std::uint64_t start = shared_->generation_start;
  const std::uint64_t slot = shared_->generation_slot;
  if (slot == 0 || at < start || at >= shared_->generation_end) return {};
  return std::chrono::nanoseconds(slot - (at - start) % slot);
}

FaultCounters& ChipState::fault_counters() { return shared_->counters; }

std::span<std::byte> ChipState::area() { return shared_->area; }

}  // namespace npu::device::sim
