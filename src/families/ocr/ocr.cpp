#include "families/ocr/ocr.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "families/ocr/ocr_params.hpp"
#include "families/ocr/recognizer.hpp"
#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr const char* kDefaultLanguage = "en";
constexpr std::size_t kMaxCrops = 4096;

// By language. Those of one file and batch are one.
using Recognizers = std::vector<std::pair<std::string, std::shared_ptr<const Recognizer>>>;

class OcrModel final : public FamilyModel {
 public:
  OcrModel(PictureModel detector, Recognizers recognizers, std::optional<Recognizer> classifier)
      : detector_(std::move(detector)),
        recognizers_(std::move(recognizers)),
        classifier_(std::move(classifier)) {}

  json::object load_info() const override {
    json::object result = detector_.picture_info("detection_input_shape");
    json::object& info = result["model_info"].get_object();
    if (const auto& free = detector_.free()) {
      info["detection"] = {{"step", free->step}, {"max_side", free->max_side}};
    }
    json::object languages;
    for (const auto& [name, recognizer] : recognizers_) languages[name] = recognizer->info();
    info["recognition"] = std::move(languages);
    if (classifier_) info["classification"] = classifier_->info();
    return result;
  }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* mode = npu::json::Fields(input.fields()).find("mode");
    if (mode != nullptr && *mode == "detection") return detect(input, output, context);
    if (mode != nullptr && *mode == "recognition") return recognize(input, output, context);
    if (mode != nullptr && *mode == "classification") return classify(input, output, context);
    std::string shown = "None";
    if (mode != nullptr) {
      const auto* text = mode->if_string();
      shown = text != nullptr && text->size() <= 32 ? std::string(*text) : npu::json::quote(*mode);
    }
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Unknown OCR mode: {}. Must be 'detection' or 'recognition'", shown));
  }

 private:
  Result<json::value> detect(const InferInput& input, InferOutput& output,
                             device::RunContext& context) {
    const auto* value = npu::json::Fields(input.fields()).find("image");
    if (value == nullptr)
      return fail(ErrorCode::kInvalidArgument, "image is required for ocr detection");
    const auto picture = detector_.take(input, *value, "image");
    if (!picture) return fail(picture.error());
    if (detector_.free()) return detect_free(*picture, output, context);
    auto tensors = detector_.run(*picture, output, context, PictureModel::Results::kFirst);
    if (!tensors) return fail(tensors.error());
    return json::value(std::move(tensors->front()));
  }

  Result<json::value> detect_free(TensorView picture, InferOutput& output,
                                  device::RunContext& context) {
    picture.shape.insert(picture.shape.begin(), 1);
    const auto outputs = detector_.model().run_free(picture, context);
    if (!outputs) return fail(outputs.error());
    const Tensor& map = outputs->front();
    auto place = output.allocate(map.dtype, without_leading_one(map.shape));
    if (!place) return fail(place.error());
    std::copy_n(map.data.data(), map.data.size(), place->view.data.data());
    return json::value(std::move(place->tensor));
  }

  Result<json::value> recognize(const InferInput& input, InferOutput& output,
                                device::RunContext& context) {
    npu::json::Fields in(input.fields());
    const auto language = in.text("language").value_or(kDefaultLanguage);
    if (!in.status()) return fail(in.status().error());
    const auto recognizer = std::ranges::find(
        recognizers_, language, [](const auto& entry) { return std::string_view(entry.first); });
    if (recognizer == recognizers_.end()) {
      return fail(ErrorCode::kInvalidArgument, unsupported(language));
    }
    in.capped_integer("batch_size", 1, kMaxOcrBatch);
    const bool best = in.flag("best").value_or(false);
    if (!in.status()) return fail(in.status().error());
    const auto crops = crops_of(in);
    if (!crops) return fail(crops.error());
    return recognizer->second->infer(**crops,
                                     best ? Recognizer::Answer::kBest : Recognizer::Answer::kScores,
                                     input, output, context);
  }

  Result<json::value> classify(const InferInput& input, InferOutput& output,
                               device::RunContext& context) {
    if (!classifier_) {
      return fail(ErrorCode::kInvalidArgument,
                  "this model was loaded without classification_path, so it classifies nothing");
    }
    const auto crops = crops_of(npu::json::Fields(input.fields()));
    if (!crops) return fail(crops.error());
    return classifier_->infer(**crops, Recognizer::Answer::kScores, input, output, context);
  }

  static Result<const json::array*> crops_of(const npu::json::Fields& in) {
    const auto* value = in.find("crops");
    if (value == nullptr)
      return fail(ErrorCode::kInvalidArgument, "crops is required for ocr recognition");
    const auto* crops = value->if_array();
    if (crops == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("crops must be a list of tensors, got {}", npu::json::quote(*value)));
    }
    if (crops->size() > kMaxCrops) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("at most {} crops a request, got {}", kMaxCrops, crops->size()));
    }
    return crops;
  }

  // Names as Python prints a list of strings.
  std::string unsupported(std::string_view language) const {
    std::string available;
    for (const auto& [name, recognizer] : recognizers_) {
      available += (available.empty() ? "'" : ", '") + name + "'";
    }
    return fmt::format("Unsupported language: {}. Available: [{}]", utf8_prefix(language, 32),
                       available);
  }

  PictureModel detector_;
  Recognizers recognizers_;
  std::optional<Recognizer> classifier_;
};

std::shared_ptr<const Recognizer> same_file(const OcrParams& ocr, const Recognizers& loaded) {
  const auto& wanted = ocr.languages[loaded.size()];
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const auto& other = ocr.languages[i];
    if (other.path == wanted.path && other.batch == wanted.batch) return loaded[i].second;
  }
  return nullptr;
}

class OcrFamily final : public Family {
 public:
  Result<LoadPlan> plan(const std::string& path, const json::object& params) const override {
    const auto ocr = parse_ocr_params(params);
    if (!ocr) return fail(ocr.error());
    LoadPlan plan;
    if (ocr->detection != path)
      plan.files.push_back({"model", path, "Model file not found: " + path});
    plan.files.push_back(
        {"detection_hef_path", ocr->detection, "Detection HEF not found: " + ocr->detection});
    for (const auto& language : ocr->languages) {
      plan.files.push_back(
          {"recognition_hefs." + language.name, language.path,
           fmt::format("Recognition HEF for {} not found: {}", language.name, language.path)});
      plan.variant["batch_sizes." + language.name] = language.batch;
    }
    if (!ocr->classification.empty()) {
      plan.files.push_back({"classification_path", ocr->classification,
                            "Classification HEF not found: " + ocr->classification});
    }
    return plan;
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    const auto ocr = parse_ocr_params(request.params);
    if (!ocr) return fail(ocr.error());
    std::size_t file = ocr->detection != request.path ? 1 : 0;
    device::TensorOptions options;
    options.picture = request.said_of(file);
    auto detection_model = device.load_tensor(request.files.at(file++), options, context);
    if (!detection_model) return fail(detection_model.error());
    auto detector = PictureModel::adopt(std::move(*detection_model), "detection model");
    if (!detector) return fail(detector.error());
    const auto load_crops = [&](int batch, std::string_view what) {
      const std::size_t at = file++;
      return Recognizer::load(device, request.files.at(at), batch, request.said_of(at), what,
                              context);
    };
    Recognizers recognizers;
    for (const auto& language : ocr->languages) {
      if (auto same = same_file(*ocr, recognizers)) {
        recognizers.emplace_back(language.name, std::move(same));
        ++file;
        continue;
      }
      auto recognizer = load_crops(language.batch, "recognition model for " + language.name);
      if (!recognizer) return fail(recognizer.error());
      recognizers.emplace_back(language.name, std::make_shared<Recognizer>(std::move(*recognizer)));
    }
    std::optional<Recognizer> classifier;
    if (!ocr->classification.empty()) {
      auto loaded = load_crops(kDefaultOcrBatch, "classification model");
      if (!loaded) return fail(loaded.error());
      classifier = std::move(*loaded);
    }
    return std::make_unique<OcrModel>(std::move(*detector), std::move(recognizers),
                                      std::move(classifier));
  }
};

}  // namespace

std::unique_ptr<Family> make_ocr_family() { return std::make_unique<OcrFamily>(); }

}  // namespace npu::families
