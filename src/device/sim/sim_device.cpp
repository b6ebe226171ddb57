#include <cstdlib>

#include <fmt/format.h>

#include "device/model_file.hpp"
#include "device/sim/chip.hpp"
#include "device/sim/open.hpp"

namespace npu::device {
namespace sim {
namespace {

constexpr const char* kFaultFileVariable = "HAILO_SIM_FAULTS";

class SimDevice final : public Device {
 public:
  explicit SimDevice(std::shared_ptr<Chip> chip) : chip_(std::move(chip)) {}

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
    std::unique_ptr<Residency> residency;
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
    auto residency = Residency::take(chip_, std::move(stem), bytes, kind == ModelKind::kText);
    if (!residency) return fail(residency.error());
    if (!context.wait_until(chip_->clock->now() + model->load)) return cancelled();
    return Loaded{std::move(*residency), model};
  }

  std::shared_ptr<Chip> chip_;
};

}  // namespace

Status Chip::enter(FaultOp op, std::string_view stem, RunContext* context,
                   std::optional<WrongValue>* wrong) {
  const auto fault = faults->due(op, stem);
  if (!fault) return {};
  switch (fault->kind) {
    case FaultKind::kHang: hang();
    case FaultKind::kCrash: crash();
    case FaultKind::kSlow:
      if (context != nullptr && !context->wait_until(clock->now() + fault->delay))
        return cancelled();
      return {};
    case FaultKind::kOutOfMemory:
      return fail(ErrorCode::kDoesNotFit, "the simulated device is out of memory");
    case FaultKind::kDeviceLost:
    case FaultKind::kRestart:
    case FaultKind::kRestartHang:
      return fail(ErrorCode::kDeviceLost, "the simulated device is gone");
    case FaultKind::kWrongOutput:
      if (wrong != nullptr) *wrong = fault->value;
      return {};
    case FaultKind::kError:
    case FaultKind::kStatus:
    case FaultKind::kNoReply:
    case FaultKind::kSpuriousTimeout:
      return op == FaultOp::kLoad ? fail(ErrorCode::kMalformed,
                                         fmt::format("{} is not a model of this device", stem))
                                  : fail(ErrorCode::kInternal, "the simulated device failed");
  }
  return {};
}

Residency::Residency(std::shared_ptr<Chip> chip, std::string stem, bool kv)
    : chip_(std::move(chip)), stem_(std::move(stem)), kv_(kv) {}

Result<std::unique_ptr<Residency>> Residency::take(std::shared_ptr<Chip> chip, std::string stem,
                                                   std::uint64_t bytes, bool kv) {
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
  return std::unique_ptr<Residency>(new Residency(std::move(chip), std::move(stem), kv));
}

Residency::~Residency() {
  (void)chip_->enter(FaultOp::kUnload, stem_, nullptr, nullptr);
  if (kv_) chip_->state->release_kv();
  auto& residue = chip_->residues[stem_];
  --residue.live;
  if (chip_->profile.group_release) return;
  --residue.reserved;
  chip_->state->release(residue.bytes);
}

}  // namespace sim

Result<std::unique_ptr<Device>> open_sim(const OpenOptions& options) {
  static const SystemClock system_clock;
  auto profile = sim::load_profile(options.sim_profile);
  if (!profile) return fail(profile.error());
  auto state = sim::ChipState::open(options.sim_state, profile->memory_bytes);
  if (!state) return fail(state.error());
  auto chip = std::make_shared<sim::Chip>();
  const char* fault_file = std::getenv(sim::kFaultFileVariable);
  chip->faults = std::make_unique<sim::FaultInjector>(profile->faults, (*state)->fault_counters(),
                                                      fault_file != nullptr ? fault_file : "");
  chip->profile = std::move(*profile);
  chip->clock = options.clock != nullptr ? options.clock : &system_clock;
  chip->state = std::move(*state);
  return std::make_unique<sim::SimDevice>(std::move(chip));
}

}  // namespace npu::device
