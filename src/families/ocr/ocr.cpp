#include "families/ocr/ocr.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "families/ocr/ocr_params.hpp"
#include "families/ocr/recognizer.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr const char* kDefaultLanguage = "en";
constexpr std::size_t kMaxCrops = 4096;

using Recognizers = std::vector<std::pair<std::string, Recognizer>>;  // by language

class OcrModel final : public FamilyModel {
 public:
  OcrModel(PictureModel detector, Recognizers recognizers)
      : detector_(std::move(detector)), recognizers_(std::move(recognizers)) {}

  json::object load_info() const override {
    return detector_.picture_info("detection_input_shape");
  }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* mode = npu::json::Fields(input.fields()).find("mode");
    if (mode != nullptr && *mode == "detection") return detect(input, output, context);
    if (mode != nullptr && *mode == "recognition") return recognize(input, output, context);
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
    auto tensors = detector_.run(*picture, output, context, PictureModel::Results::kFirst);
    if (!tensors) return fail(tensors.error());
    return json::value(std::move(tensors->front()));
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
    if (!in.status()) return fail(in.status().error());
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
    return recognizer->second.infer(*crops, input, output, context);
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
};

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
    return plan;
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    const auto ocr = parse_ocr_params(request.params);
    if (!ocr) return fail(ocr.error());
    std::size_t file = ocr->detection != request.path ? 1 : 0;
    auto detection_model = device.load_tensor(request.files.at(file++), {}, context);
    if (!detection_model) return fail(detection_model.error());
    auto detector = PictureModel::adopt(std::move(*detection_model), "detection model");
    if (!detector) return fail(detector.error());
    Recognizers recognizers;
    for (const auto& language : ocr->languages) {
      auto model = device.load_tensor(request.files.at(file++), {.batch = language.batch}, context);
      if (!model) return fail(model.error());
      auto recognizer = Recognizer::adopt(std::move(*model), language.name);
      if (!recognizer) return fail(recognizer.error());
      recognizers.emplace_back(language.name, std::move(*recognizer));
    }
    return std::make_unique<OcrModel>(std::move(*detector), std::move(recognizers));
  }
};

}  // namespace

std::unique_ptr<Family> make_ocr_family() { return std::make_unique<OcrFamily>(); }

}  // namespace npu::families
