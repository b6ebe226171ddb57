#include "families/ocr/ocr_params.hpp"

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxLanguages = 32;
constexpr std::size_t kMaxLanguageName = 32;

Status read_languages(const json::object& hefs, OcrParams& result) {
  if (hefs.size() > kMaxLanguages) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("recognition_hefs has at most {} languages, got {}", kMaxLanguages,
                            hefs.size()));
  }
  for (const auto& [name, path] : hefs) {
    if (name.empty() || name.size() > kMaxLanguageName) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("a language of recognition_hefs has 1..{} characters", kMaxLanguageName));
    }
    if (!path.is_string() || path.get_string().empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("recognition_hefs.{} must be a path, got {}", std::string_view(name),
                              npu::json::quote(path)));
    }
    result.languages.push_back(
        {std::string(name), std::string(path.get_string()), kDefaultOcrBatch});
  }
  return {};
}

Status read_batches(const json::value& value, OcrParams& result) {
  const auto* batches = value.if_object();
  if (batches == nullptr) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("batch_sizes must be {{language: number}}, got {}", npu::json::quote(value)));
  }
  npu::json::Fields in(*batches, ErrorCode::kInvalidArgument, "batch_sizes.");
  for (auto& language : result.languages) {
    if (const auto batch = in.capped_integer(language.name, 1, kMaxOcrBatch)) {
      language.batch = static_cast<int>(*batch);
    }
  }
  return in.status();
}

}  // namespace

Result<OcrParams> parse_ocr_params(const json::object& params) {
  npu::json::Fields in(params);
  OcrParams result;
  result.detection = in.text("detection_hef_path").value_or("");
  result.classification = in.text("classification_path").value_or("");
  if (!in.status()) return fail(in.status().error());
  if (result.detection.empty()) {
    return fail(ErrorCode::kInvalidArgument, "detection_hef_path is required for ocr");
  }
  const auto* hefs = in.find("recognition_hefs");
  if (hefs == nullptr || !hefs->is_object() || hefs->get_object().empty()) {
    return fail(ErrorCode::kInvalidArgument, "recognition_hefs dict is required for ocr");
  }
  if (auto ok = read_languages(hefs->get_object(), result); !ok) return fail(ok.error());
  if (const auto* batches = in.find("batch_sizes")) {
    if (auto ok = read_batches(*batches, result); !ok) return fail(ok.error());
  }
  return result;
}

}  // namespace npu::families
