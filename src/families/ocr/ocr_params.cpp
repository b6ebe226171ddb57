#include "families/ocr/ocr_params.hpp"

#include <fmt/format.h>

#include "families/support/fields.hpp"

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
                              quote(path)));
    }
    result.languages.push_back(
        {std::string(name), std::string(path.get_string()), kDefaultOcrBatch});
  }
  return {};
}

Status read_batches(const json::value& value, OcrParams& result) {
  const auto* batches = value.if_object();
  if (batches == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("batch_sizes must be {{language: number}}, got {}", quote(value)));
  }
  for (auto& language : result.languages) {
    const auto batch = capped_integer_field(*batches, language.name, 1, kMaxOcrBatch);
    if (!batch) return fail(ErrorCode::kInvalidArgument, "batch_sizes." + batch.error().message);
    if (*batch) language.batch = static_cast<int>(**batch);
  }
  return {};
}

}  // namespace

Result<OcrParams> parse_ocr_params(const json::object& params) {
  OcrParams result;
  const auto detection = text_field(params, "detection_hef_path");
  if (!detection) return fail(detection.error());
  if (!*detection || (*detection)->empty()) {
    return fail(ErrorCode::kInvalidArgument, "detection_hef_path is required for ocr");
  }
  result.detection = **detection;
  const auto* hefs = find_field(params, "recognition_hefs");
  if (hefs == nullptr || !hefs->is_object() || hefs->get_object().empty()) {
    return fail(ErrorCode::kInvalidArgument, "recognition_hefs dict is required for ocr");
  }
  if (auto ok = read_languages(hefs->get_object(), result); !ok) return fail(ok.error());
  if (const auto* batches = find_field(params, "batch_sizes")) {
    if (auto ok = read_batches(*batches, result); !ok) return fail(ok.error());
  }
  return result;
}

}  // namespace npu::families
