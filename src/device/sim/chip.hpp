// The parts of a simulated device that its models use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "device/device.hpp"
#include "device/sim/chip_state.hpp"
#include "device/sim/fault.hpp"
#include "device/sim/profile.hpp"

namespace npu::device::sim {

inline tl::unexpected<Error> cancelled() { return fail(ErrorCode::kCancelled, "cancelled"); }

struct Chip {
  Profile profile;
  const Clock* clock = nullptr;
  std::unique_ptr<ChipState> state;
  std::unique_ptr<FaultInjector> faults;

  // Models of one file share what they left on the chip: with group_release an unloaded model
  // keeps its memory until the group is released, and loading the file again costs none.
  struct Residue {
    std::uint64_t bytes = 0;
    int live = 0;
    int reserved = 0;
  };
  std::map<std::string, Residue, std::less<>> residues;

  // The next run was there when the last one ended: up to this time it follows without a token
  // in between, as runs in the chip's own queue do.
  SteadyTime follows_until{};

  // Applies the fault that is due. wrong_output, if there is one, is for the caller.
  Status enter(FaultOp op, std::string_view stem, RunContext* context,
               std::optional<WrongValue>* wrong);
};

// Memory of one loaded model; gives it back on destruction, as far as the chip does.
class Residency {
 public:
  static Result<std::unique_ptr<Residency>> take(std::shared_ptr<Chip> chip, std::string stem,
                                                 std::uint64_t bytes, bool kv);
  ~Residency();
  Residency(const Residency&) = delete;
  Residency& operator=(const Residency&) = delete;

  Chip& chip() const { return *chip_; }
  const std::string& stem() const { return stem_; }

 private:
  Residency(std::shared_ptr<Chip> chip, std::string stem, bool kv);

  std::shared_ptr<Chip> chip_;
  std::string stem_;
  bool kv_ = false;
};

std::unique_ptr<TensorModel> make_tensor_model(std::unique_ptr<Residency> residency,
                                               const ModelProfile& profile, int batch);
std::unique_ptr<TextModel> make_text_model(std::unique_ptr<Residency> residency,
                                           const ModelProfile& profile);
std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<Residency> residency,
                                               const ModelProfile& profile);

}  // namespace npu::device::sim
