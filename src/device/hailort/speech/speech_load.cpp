// load_speech_model(), and SpeechSession on genai::Speech2Text.
#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "device/hailort/chip/back_off.hpp"
#include "device/hailort/chip/chip.hpp"
#include "device/hailort/chip/page_memory.hpp"
#include "device/hailort/hef/hef_source.hpp"
#include "device/hailort/hef/model_path.hpp"
#include "device/hailort/speech/speech_model.hpp"
#include "device/hailort/status.hpp"
#include "store/hef_kind.hpp"

namespace npu::device::hailort {
namespace {

// The shortest audio that is sent; shorter one is followed by silence.
constexpr std::size_t kShortest = kSpeechRate;
// No version returns before the chip has answered; from 5.3 on a call that took longer than this
// fails all the same. The length of a piece is the real bound.
constexpr std::chrono::minutes kTimeout{10};

class DeviceSpeechSession final : public SpeechSession {
 public:
  DeviceSpeechSession(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                      genai::Speech2Text model)
      : chip_(std::move(chip)),
        parts_(std::make_shared<Parts>(std::move(vdevice), std::move(model))) {}

  ~DeviceSpeechSession() override {
    if (chip_->lost()) Chip::abandon(std::move(parts_));
  }
  DeviceSpeechSession(const DeviceSpeechSession&) = delete;
  DeviceSpeechSession& operator=(const DeviceSpeechSession&) = delete;

  Result<std::vector<Segment>> transcribe(std::span<const float> audio, std::string_view language,
                                          SpeechTask task) override {
    auto params = parts_->model.create_generator_params();
    if (!params) return fail(error_of(params.status(), language));
    auto status =
        params->set_task(task == SpeechTask::kTranslate ? genai::Speech2TextTask::TRANSLATE
                                                        : genai::Speech2TextTask::TRANSCRIBE);
    if (status == HAILO_SUCCESS) status = params->set_language(language);
    if (status != HAILO_SUCCESS) return fail(error_of(status, language));
    const auto sent = fill_buffer(audio);
    if (!sent) return fail(sent.error());
    auto heard = parts_->model.generate_all_segments(sdk::MemoryView(sent->data(), sent->size()),
                                                     *params, kTimeout);
    if (!heard) return fail(error_of(heard.status(), language));
    chip_->went_well(Operation::kRun);

    std::vector<Segment> segments;
    segments.reserve(heard->size());
    for (auto& segment : *heard) {
      segments.push_back({segment.start_sec, segment.end_sec, std::move(segment.text)});
    }
    return segments;
  }

 private:
  struct Parts {
    Parts(std::shared_ptr<sdk::VDevice> device, genai::Speech2Text loaded)
        : vdevice(std::move(device)), model(std::move(loaded)) {}
    // Destroyed from the last to the first. The buffer outlives every transfer from it.
    PageBuffer buffer;
    std::shared_ptr<sdk::VDevice> vdevice;
    genai::Speech2Text model;
  };

  Result<std::span<std::byte>> fill_buffer(std::span<const float> audio) {
    const std::size_t bytes = std::max(audio.size(), kShortest) * sizeof(float);
    if (parts_->buffer.bytes().size() < bytes) {
      auto buffer = PageBuffer::create(bytes);
      if (!buffer) return fail(buffer.error());
      parts_->buffer = std::move(*buffer);
    }
    const auto out = parts_->buffer.bytes().first(bytes);
    std::memcpy(out.data(), audio.data(), audio.size_bytes());
    std::ranges::fill(out.subspan(audio.size_bytes()), std::byte{0});
    return out;
  }

  Error error_of(hailo_status status, std::string_view language) {
    Error error = chip_->error_of(status, Operation::kRun, "the device did not transcribe");
    if (status == HAILO_INVALID_ARGUMENT) {
      // All else that is passed is right.
      if (!language.empty()) {
        return {ErrorCode::kInvalidArgument,
                fmt::format("the model does not know the language {}", language)};
      }
      return {ErrorCode::kUnsupported,
              fmt::format("HailoRT {} cannot detect the language: name it", loaded_version())};
    }
    if (error.code == ErrorCode::kDeviceLost) return error;
    // A write that got stuck half way, or minutes for half a minute of audio.
    if (status == HAILO_TIMEOUT) return chip_->declare_lost(error.message);
    error.code = ErrorCode::kInternal;
    return error;
  }

  std::shared_ptr<Chip> chip_;
  std::shared_ptr<Parts> parts_;
};

}  // namespace

Result<std::unique_ptr<SpeechModel>> load_speech_model(std::shared_ptr<Chip> chip,
                                                       const ModelFile& file, RunContext& context) {
  if (auto ok = chip->alive(); !ok) return fail(ok.error());
  const auto source = HefSource::open(file, HefSource::Reads::kPathsOnly);
  if (!source) return fail(source.error());
  const auto hef = source->parse(chip->identity());
  if (!hef) return fail(hef.error());
  if (const auto groups = hef->get_network_groups_names();
      store::kind_of(groups) != store::HefKind::kSpeech) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is no speech model: its kind is {}", source->name(),
                            store::name_of(store::kind_of(groups))));
  }

  std::shared_ptr<sdk::VDevice> vdevice;
  return retry_busy(context, [&]() -> Result<std::unique_ptr<SpeechModel>> {
    if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
    if (!vdevice) {
      auto opened = chip->genai_connection();
      if (!opened) return fail(opened.error());
      vdevice = std::move(*opened);
    }
    auto model = genai::Speech2Text::create(vdevice, genai::Speech2TextParams(readable_path(file)));
    if (!model && model.status() == HAILO_TIMEOUT) {
      return fail(chip->declare_lost(kSendingGotStuck));
    }
    if (!model) {
      // The file and the device's group are right, so that what is left to be invalid is its size.
      const bool full = model.status() == HAILO_INVALID_OPERATION;
      return fail(chip->error_of(model.status(), Operation::kLoadSpeech,
                                 "the device did not take the model", full ? kPerhapsCoreOps : ""));
    }
    chip->went_well(Operation::kLoadSpeech);
    return make_speech_model(std::make_unique<DeviceSpeechSession>(chip, vdevice, model.release()));
  });
}

}  // namespace npu::device::hailort
#include "device/hailort/speech/speech_load.hpp"
