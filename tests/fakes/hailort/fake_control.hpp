// What the fake HailoRT knows of this process, for tests. Who has opened it with dlopen() finds
// the function with dlsym().
#pragma once

#include <cstdint>

struct HailoFakeTransfers {
  // Bytes of frames, from and to memory
  std::uint64_t mapped;    // that dma_map() knows;
  std::uint64_t unmapped;  // of whole pages, which the driver has to map for the one frame;
  std::uint64_t bounced;   // not of whole pages, which the library copies.
  std::uint64_t live_mappings;
  std::uint64_t mappings;  // ever made
};

extern "C" __attribute__((visibility("default"))) HailoFakeTransfers hailo_fake_transfers();
