#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "device/model_file.hpp"
#include "device/sim/open.hpp"
#include "device/sim/sim_chip.hpp"
#include "device/sim/sim_models.hpp"
#include "device/sim/sim_residency.hpp"

namespace npu::device {
namespace sim {
namespace {

constexpr const char* kFaultFileVariable = "HAILO_SIM_FAULTS";

class SimDevice final : public Device {
 public:
  explicit SimDevice(std::shared_ptr<SimChip> chip) : chip_(std::move(chip)) {}

  DeviceInfo info() const override {
    const Profile& profile = chip_->profile;
    return {.kind = "sim",
            .id = "sim:" + profile.name,
            .architecture = profile.architecture,
            .firmware = profile.firmware,
            .memory_bytes = profile.memory_bytes,
            .group_release = profile.group_release};
  }

  Telemetry telemetry() override {
    if (!chip_->enter(FaultOp::kTelemetry, "", nullptr, nullptr)) return {};
    return {.temperature_celsius = chip_->profile.temperature_celsius,
            .memory_used_bytes = chip_->state->used(),
            .utilisation = std::nullopt};
  }

  Result<std::unique_ptr<TensorModel>> load_tensor(const ModelFile& file,
                                                   const TensorOptions& options,
                                                   RunContext& context) override {
    auto loaded = load(file, ModelKind::kTensor, context);
    if (!loaded) return fail(loaded.error());
    return make_tensor_model(std::move(loaded->residency), *loaded->profile, options.batch);
  }

  Result<std::unique_ptr<TextModel>> load_text(const ModelFile& file,
                                               RunContext& context) override {
    auto loaded = load(file, ModelKind::kText, context);
    if (!loaded) return fail(loaded.error());
    return make_text_model(std::move(loaded->residency), *loaded->profile);
  }

  Result<std::unique_ptr<SpeechModel>> load_speech(const ModelFile& file,
                                                   RunContext& context) override {
    auto loaded = load(file, ModelKind::kSpeech, context);
    if (!loaded) return fail(loaded.error());
    return make_speech_model(std::move(loaded->residency), *loaded->profile);
  }

  Status release_group() override {
    if (auto ok = chip_->enter(FaultOp::kReleaseGroup, "", nullptr, nullptr); !ok) return ok;
    for (auto entry = chip_->residues.begin(); entry != chip_->residues.end();) {
      auto& residue = entry->second;
      chip_->state->release(residue.bytes *
                            static_cast<std::uint64_t>(residue.reserved - residue.live));
      residue.reserved = residue.live;
      entry = residue.live == 0 ? chip_->residues.erase(entry) : std::next(entry);
    }
    return {};
  }

 private:
  struct Loaded {
    std::unique_ptr<SimResidency> residency;
    const ModelProfile* profile = nullptr;
  };

  Result<Loaded> load(const ModelFile& file, ModelKind kind, RunContext& context) {
    const auto opened = open_model(file);
    if (!opened) return fail(opened.error());
    std::string stem = model_stem(file);
    const ModelProfile* model = chip_->profile.find(stem, kind);
    if (model == nullptr) {
      return fail(ErrorCode::kUnsupported, fmt::format("the simulated {} has no {} model '{}'",
                                                       chip_->profile.name, name_of(kind), stem));
    }
    if (model->kind != kind) {
      return fail(ErrorCode::kUnsupported, fmt::format("'{}' is a {} model and not a {} model",
                                                       stem, name_of(model->kind), name_of(kind)));
    }
    if (auto ok = chip_->enter(FaultOp::kLoad, stem, &context, nullptr); !ok)
      return fail(ok.error());
    const std::uint64_t bytes = model->bytes > 0 ? model->bytes : opened->bytes;
    auto residency = SimResidency::take(chip_, std::move(stem), bytes, kind == ModelKind::kText);
    if (!residency) return fail(residency.error());
    if (!context.wait_until(chip_->clock->now() + model->load)) return cancelled();
    return Loaded{std::move(*residency), model};
  }

  std::shared_ptr<SimChip> chip_;
};

}  // namespace

}  // namespace sim

confine::Rules sim_needs(const OpenOptions& options) {
  confine::Rules rules;
  if (!options.sim_profile.empty()) rules.read.push_back(options.sim_profile);
  const char* faults = std::getenv(sim::kFaultFileVariable);
  rules.opens_files = faults != nullptr && *faults != '\0';
  for (const std::string& file :
       {options.sim_state, std::string(faults != nullptr ? faults : "")}) {
    if (file.empty()) continue;
    rules.write.push_back(std::filesystem::absolute(file).parent_path());
  }
  return rules;
}

Result<std::unique_ptr<Device>> open_sim(const OpenOptions& options) {
  static const SystemClock system_clock;
  auto profile = sim::load_profile(options.sim_profile);
  if (!profile) return fail(profile.error());
  auto state = sim::ChipState::open(options.sim_state, profile->memory_bytes);
  if (!state) return fail(state.error());
  auto chip = std::make_shared<sim::SimChip>();
  const char* fault_file = std::getenv(sim::kFaultFileVariable);
  chip->faults = std::make_unique<sim::FaultInjector>(profile->faults, (*state)->fault_counters(),
                                                      fault_file != nullptr ? fault_file : "");
  chip->profile = std::move(*profile);
  chip->clock = options.clock != nullptr ? options.clock : &system_clock;
  chip->state = std::move(*state);
  return std::make_unique<sim::SimDevice>(std::move(chip));
}

}  // namespace npu::device
