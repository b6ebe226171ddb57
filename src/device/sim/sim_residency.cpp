#include "device/sim/sim_residency.hpp"

#include <utility>

namespace npu::device::sim {

SimResidency::SimResidency(std::shared_ptr<SimChip> chip, std::string stem, bool kv)
    : chip_(std::move(chip)), stem_(std::move(stem)), kv_(kv) {}

Result<std::unique_ptr<SimResidency>> SimResidency::take(std::shared_ptr<SimChip> chip,
                                                         std::string stem, std::uint64_t bytes,
                                                         bool kv) {
  if (kv) {
    if (auto ok = chip->state->take_kv(); !ok) return fail(ok.error());
  }
  auto& residue = chip->residues[stem];
  if (residue.reserved == residue.live) {
    if (auto ok = chip->state->reserve(bytes); !ok) {
      if (kv) chip->state->release_kv();
      return fail(ok.error());
    }
    residue.bytes = bytes;
    ++residue.reserved;
  }
  ++residue.live;
  return std::unique_ptr<SimResidency>(new SimResidency(std::move(chip), std::move(stem), kv));
}

SimResidency::~SimResidency() {
  (void)chip_->enter(FaultOp::kUnload, stem_, nullptr, nullptr);
  if (kv_) chip_->state->release_kv();
  auto& residue = chip_->residues[stem_];
  --residue.live;
  if (chip_->profile.group_release) return;
  --residue.reserved;
  chip_->state->release(residue.bytes);
}

}  // namespace npu::device::sim
