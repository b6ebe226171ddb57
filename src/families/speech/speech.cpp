#include "families/speech/speech.hpp"

#include <algorithm>

#include "families/speech/audio.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

bool is_language_code(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

struct Wanted {
  std::string language = "en";  // "": to be detected
  device::SpeechTask task = device::SpeechTask::kTranscribe;
};

Result<Wanted> parse_wanted(const json::object& fields) {
  npu::json::Fields in(fields);
  Wanted wanted;
  if (const auto language = in.text("language")) {
    wanted.language = *language == "auto" ? "" : *language;
    if (!wanted.language.empty() && !is_language_code(wanted.language)) {
      in.wrong("language", "an ISO 639-1 code such as en, or auto");
    }
  }
  if (const auto task = in.text("task")) {
    if (*task == "translate") wanted.task = device::SpeechTask::kTranslate;
    if (*task != "translate" && *task != "transcribe") {
      in.wrong("task", "'transcribe' or 'translate'");
    }
  }
  if (!in.status()) return fail(in.status().error());
  return wanted;
}

class SpeechFamilyModel final : public FamilyModel {
 public:
  explicit SpeechFamilyModel(std::unique_ptr<device::SpeechModel> model)
      : model_(std::move(model)) {}

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto audio = Audio::parse(input);
    if (!audio) return fail(audio.error());
    const auto wanted = parse_wanted(input.fields());
    if (!wanted) return fail(wanted.error());

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
    const auto done =
        model_->transcribe(audio->samples(), wanted->language, wanted->task, on_segment, context);
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
