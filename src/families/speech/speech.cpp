#include "families/speech/speech.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "families/speech/audio.hpp"
#include "families/support/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

bool is_language_code(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// "" where the language is to be detected.
Result<std::string> parse_language(const json::object& fields) {
  const auto language = text_field(fields, "language");
  if (!language) return fail(language.error());
  if (!*language) return "en";
  if ((*language)->empty() || **language == "auto") return "";
  if (is_language_code(**language)) return std::string(**language);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("language must be an ISO 639-1 code such as en, or auto, got {}",
                          quote(fields.at("language"))));
}

Result<device::SpeechTask> parse_task(const json::object& fields) {
  const auto task = text_field(fields, "task");
  if (!task) return fail(task.error());
  if (!*task || **task == "transcribe") return device::SpeechTask::kTranscribe;
  if (**task == "translate") return device::SpeechTask::kTranslate;
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("task must be 'transcribe' or 'translate', got {}", quote(fields.at("task"))));
}

class SpeechFamilyModel final : public FamilyModel {
 public:
  explicit SpeechFamilyModel(std::unique_ptr<device::SpeechModel> model)
      : model_(std::move(model)) {}

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto audio = Audio::parse(input);
    if (!audio) return fail(audio.error());
    const auto language = parse_language(input.fields());
    if (!language) return fail(language.error());
    const auto task = parse_task(input.fields());
    if (!task) return fail(task.error());

    json::array segments;
    const auto on_segment = [&](const device::Segment& segment) {
      json::object entry{{"id", segments.size()},
                         {"start", segment.start},
                         {"end", segment.end},
                         {"text", segment.text}};
      json::object event;
      event["segment"] = entry;
      output.event(std::move(event));
      segments.push_back(std::move(entry));
    };
    const auto done = model_->transcribe(audio->samples(), *language, *task, on_segment, context);
    if (!done) return fail(done.error());
    json::object result;
    result["segments"] = std::move(segments);
    return json::value(std::move(result));
  }

 private:
  std::unique_ptr<device::SpeechModel> model_;
};

class SpeechFamily final : public Family {
 public:
  Result<LoadPlan> plan(const std::string& path, const json::object&) const override {
    return LoadPlan{{{"model", path, "Model HEF not found: " + path}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    auto model = device.load_speech(request.files.at(0), context);
    if (!model) return fail(model.error());
    return std::make_unique<SpeechFamilyModel>(std::move(*model));
  }
};

}  // namespace

std::unique_ptr<Family> make_speech_family() { return std::make_unique<SpeechFamily>(); }

}  // namespace npu::families
