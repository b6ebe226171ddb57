#include "device/hailort/hailort_device.hpp"

#include <mutex>

#include <fmt/format.h>

#include "device/hailort/chip/back_off.hpp"
#include "device/hailort/chip/chip.hpp"
#include "device/hailort/chip/readings_thread.hpp"
#include "device/hailort/vision/tensor_model.hpp"
#include "store/hef_kind.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/generation/text_load.hpp"
#include "device/hailort/speech/speech_load.hpp"
#endif

namespace npu::device::hailort {
namespace {

constexpr int kMaxBatch = 1024;

class HailortDevice final : public Device {
 public:
  HailortDevice(std::shared_ptr<Chip> chip, const OpenOptions& options)
      : chip_(std::move(chip)),
        realtime_(std::make_shared<RateCap>(options.realtime_fps, chip_->clock())),
        readings_(chip_) {}

  DeviceInfo info() const override {
    const Identity& identity = chip_->identity();
    return {.kind = "hailort",
            .id = identity.id,
            .architecture = identity.architecture,
            .firmware = identity.firmware,
            .memory_bytes = identity.memory_bytes,
            .group_release = true,
            .runs_at_once = kSlots};
  }

  Telemetry telemetry() override { return readings_.latest(); }
  std::optional<std::uint64_t> memory_used(RunContext& context) override {
    return readings_.memory_used(context);
  }
  Status alive() override { return chip_->alive(); }

  Result<std::unique_ptr<TensorModel>> load_tensor(const ModelFile& file,
                                                   const TensorOptions& options,
                                                   RunContext& context) override {
    if (auto ok = chip_->alive(); !ok) return fail(ok.error());
    if (options.batch < 1 || options.batch > kMaxBatch) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("batch must be 1..{}, got {}", kMaxBatch, options.batch));
    }
    auto chosen = choose_network(file, options, context);
    if (!chosen) return fail(chosen.error());
    HefSource& source = chosen->source;
    const std::string& group = chosen->group;
    auto model = retry_busy(context, [&] {
      auto loaded = load(source, group, options, context);
      // HailoRT may have missed the reply to what was done.
      const bool missed = !loaded && loaded.error().code == ErrorCode::kUnavailable;
      return missed && !chip_->lost() ? load(source, group, options, context) : std::move(loaded);
    });
    if (!model) return fail(model.error());
    chip_->went_well(Operation::kLoadTensor);
    source.drop_content();
    model->source = std::move(source);
    return std::make_unique<HailortModel>(std::move(*model));
  }

#ifdef NPU_HAILORT_GENAI
  Result<std::unique_ptr<TextModel>> load_text(const ModelFile& file,
                                               RunContext& context) override {
    if (auto ok = chip_->alive(); !ok) return fail(ok.error());
    return load_text_model(chip_, file, context);
  }
  Result<std::unique_ptr<SpeechModel>> load_speech(const ModelFile& file,
                                                   RunContext& context) override {
    if (auto ok = chip_->alive(); !ok) return fail(ok.error());
    return load_speech_model(chip_, file, context);
  }
#else
  Result<std::unique_ptr<TextModel>> load_text(const ModelFile&, RunContext&) override {
    return fail(ErrorCode::kUnsupported, without_genai());
  }
  Result<std::unique_ptr<SpeechModel>> load_speech(const ModelFile&, RunContext&) override {
    return fail(ErrorCode::kUnsupported, without_genai());
  }
#endif

  Status release_group() override {
    if (auto ok = chip_->alive(); !ok) return ok;
    if (chip_->group_is_free()) return {};
    return fail(ErrorCode::kInternal, "a model is still loaded; the group cannot be released");
  }

  void keep_memory(std::span<const std::byte> memory) override { chip_->keep_memory(memory); }
  void forget_memory(std::span<const std::byte> memory) override {
    if (!chip_->lost()) chip_->forget_memory(memory);
  }

 private:
  [[maybe_unused]] static std::string without_genai() {
    return fmt::format(
        "the adapter of HailoRT {} has no generative models; they need a Hailo-10H "
        "and HailoRT 5.1.1 or later",
        NPU_HAILORT_COMPILED_VERSION);
  }

  struct Chosen {
    HefSource source;
    std::string group;
  };

  // Reads the file, which may take seconds, while runs go on: it touches nothing that they use.
  Result<Chosen> choose_network(const ModelFile& file, const TensorOptions& options,
                                RunContext& context) {
    Result<Chosen> chosen = fail(ErrorCode::kInternal, "not read");
    context.while_waiting([&] {
      const std::lock_guard lock(loading_);
      auto source = HefSource::open(file);
      auto group = source ? group_in(*source, options) : fail(source.error());
      if (group) {
        chosen = Chosen{std::move(*source), std::move(*group)};
      } else {
        chosen = fail(group.error());
      }
    });
    return chosen;
  }

  Result<std::string> group_in(const HefSource& source, const TensorOptions& options) const {
    const auto hef = source.parse(chip_->identity());
    if (!hef) return fail(hef.error());
    const auto groups = hef->get_network_groups_names();
    const auto kind = store::kind_of(groups);
    if (kind != store::HefKind::kTensor) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{} is a model of kind {}, not a tensor model", source.name(),
                              store::name_of(kind)));
    }
    return choose_group(*hef, options);
  }

  // Loads one after another, while runs of other models go on: two uploads would only share the
  // link, and each has to be done within 45 s.
  Result<HailortModel::Parts> load(const HefSource& source, const std::string& group,
                                   const TensorOptions& options, RunContext& context) {
    Result<HailortModel::Parts> loaded = fail(ErrorCode::kInternal, "not loaded");
    context.while_waiting([&] {
      const std::lock_guard lock(loading_);
      loaded = load_now(source, group, options);
    });
    return loaded;
  }

  Result<HailortModel::Parts> load_now(const HefSource& source, const std::string& group,
                                       const TensorOptions& options) {
    HailortModel::Parts parts{.chip = chip_, .realtime = realtime_};
    auto connection = chip_->vision_connection();
    if (!connection) return fail(connection.error());
    parts.connection = std::move(*connection);
    auto model = source.create_model(parts.connection->vdevice(), group);
    if (!model.has_value()) return fail(refused(parts, model.status(), source, ""));
    parts.model = model.release();
    auto ports = choose_ports(*parts.model, options);
    if (!ports) return fail(ports.error());
    parts.ports = std::move(*ports);
    parts.model->set_batch_size(static_cast<std::uint16_t>(parts.ports.batch));
    auto network = Network::configure(*parts.model, parts.ports, parts.connection);
    if (network) {
      parts.network = std::move(*network);
      return parts;
    }
    if (network.error().status == HAILO_SUCCESS) return fail(network.error().error);
    // The formats are the file's own, so that what is left to be invalid is one model more.
    return fail(refused(parts, network.error().status, source,
                        network.error().status == HAILO_INVALID_OPERATION ? kPerhapsCoreOps : ""));
  }

  Error refused(HailortModel::Parts& parts, hailo_status status, const HefSource& source,
                std::string_view detail) {
    const Error error =
        chip_->error_of(status, Operation::kLoadTensor, "loading " + source.name(), detail);
    if (chip_->lost()) Chip::abandon(std::make_shared<HailortModel::Parts>(std::move(parts)));
    return error;
  }

  const std::shared_ptr<Chip> chip_;
  const std::shared_ptr<RateCap> realtime_;
  ReadingsThread readings_;
  std::mutex loading_;  // one file is read or loaded at a time
};

}  // namespace

Result<std::unique_ptr<Device>> open_device(const OpenOptions& options) {
  auto chip = Chip::open(options);
  if (!chip) return fail(chip.error());
  return std::make_unique<HailortDevice>(std::move(*chip), options);
}

}  // namespace npu::device::hailort
