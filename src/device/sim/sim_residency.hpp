// The place of one loaded model on the simulated chip.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <npu/result.hpp>

#include "device/sim/sim_chip.hpp"

namespace npu::device::sim {

// Memory, and for a text model the KV cache; gives it back on destruction, as far as the chip does.
class SimResidency {
 public:
  static Result<std::unique_ptr<SimResidency>> take(std::shared_ptr<SimChip> chip, std::string stem,
                                                    std::uint64_t bytes, bool kv);
  ~SimResidency();
  SimResidency(const SimResidency&) = delete;
  SimResidency& operator=(const SimResidency&) = delete;

  SimChip& chip() const { return *chip_; }
  const std::string& stem() const { return stem_; }

 private:
  SimResidency(std::shared_ptr<SimChip> chip, std::string stem, bool kv);

  std::shared_ptr<SimChip> chip_;
  std::string stem_;
  bool kv_ = false;
};

}  // namespace npu::device::sim
