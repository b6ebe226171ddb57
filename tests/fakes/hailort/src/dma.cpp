#include "dma.hpp"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "fake_control.hpp"
#include "settings.hpp"

namespace hailo_fake {
namespace {

struct Counters {
  std::atomic<std::uint64_t> mapped{0};
  std::atomic<std::uint64_t> unmapped{0};
  std::atomic<std::uint64_t> bounced{0};
  std::atomic<std::uint64_t> live_mappings{0};
  std::atomic<std::uint64_t> mappings{0};
};

Counters& counters() {
  static Counters all;
  return all;
}

std::uintptr_t page() {
  static const auto bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

bool is_there(const void* address, std::size_t size) {
  const std::uintptr_t begin = number_of(address) / page() * page();
  const std::size_t bytes = number_of(address) + size - begin;
  std::vector<unsigned char> pages((bytes + page() - 1) / page());
  return ::mincore(reinterpret_cast<void*>(begin), bytes, pages.data()) == 0;
}

std::uint64_t file_behind(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t inode = 0;
    const int got = std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %" SCNu64,
                                &begin, &end, &inode);
    if (got == 3 && number_of(address) >= begin && number_of(address) < end) return inode;
  }
  return 0;
}

}  // namespace

DmaMappings::~DmaMappings() { counters().live_mappings -= mapped_.size(); }

hailo_status DmaMappings::map(void* address, std::size_t size,
                              hailo_dma_buffer_direction_t direction) {
  if (address == nullptr || size == 0) return HAILO_INVALID_ARGUMENT;
  if (!is_there(address, size)) return HAILO_INVALID_OPERATION;
  const std::lock_guard lock(mutex_);
  const auto same = [&](const Mapping& one) { return one.is(address, size, direction); };
  if (std::ranges::any_of(mapped_, same)) return HAILO_DMA_MAPPING_ALREADY_EXISTS;
  mapped_.push_back(
      {static_cast<const std::uint8_t*>(address), size, direction, file_behind(address)});
  ++counters().live_mappings;
  ++counters().mappings;
  return HAILO_SUCCESS;
}

hailo_status DmaMappings::unmap(void* address, std::size_t size,
                                hailo_dma_buffer_direction_t direction) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const Mapping& one) { return one.is(address, size, direction); };
  const auto found = std::ranges::find_if(mapped_, same);
  if (found == mapped_.end()) return HAILO_NOT_FOUND;
  mapped_.erase(found);
  --counters().live_mappings;
  return HAILO_SUCCESS;
}

const DmaMappings::Mapping* DmaMappings::find(std::span<const std::uint8_t> memory,
                                              bool to_chip) const {
  const auto way = to_chip ? HAILO_DMA_BUFFER_DIRECTION_H2D : HAILO_DMA_BUFFER_DIRECTION_D2H;
  const auto same = [&](const Mapping& one) { return one.is(memory.data(), memory.size(), way); };
  const auto found = std::ranges::find_if(mapped_, same);
  return found == mapped_.end() ? nullptr : &*found;
}

void DmaMappings::transfer(std::span<const std::uint8_t> memory, bool to_chip) {
  if (number_of(memory.data()) % page() != 0) {
    counters().bounced += memory.size();
    return;
  }
  const std::lock_guard lock(mutex_);
  const Mapping* mapping = find(memory, to_chip);
  if (mapping == nullptr) {
    counters().unmapped += memory.size();
    return;
  }
  if (!is_there(memory.data(), memory.size()) || file_behind(memory.data()) != mapping->file) {
    give_up("a frame uses a mapping of memory that is not there any more");
  }
  counters().mapped += memory.size();
}

}  // namespace hailo_fake

HailoFakeTransfers hailo_fake_transfers() {
  const auto& all = hailo_fake::counters();
  return {.mapped = all.mapped,
          .unmapped = all.unmapped,
          .bounced = all.bounced,
          .live_mappings = all.live_mappings,
          .mappings = all.mappings};
}
