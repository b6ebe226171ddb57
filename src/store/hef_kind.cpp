#include "store/hef_kind.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::store {
namespace json = boost::json;
namespace {

constexpr std::string_view kBareModel = "base_model";
constexpr std::string_view kPrefill = "__prefill";

bool any_ends_in(std::span<const std::string> groups, std::string_view ending) {
  return std::ranges::any_of(groups,
                             [&](const std::string& name) { return name.ends_with(ending); });
}

// Also of the first published files, whose names go on: "base-whisper-decoder-10s-out-seq-64".
bool is_speech_model(std::span<const std::string> groups) {
  const auto has = [&](std::string_view part) {
    return std::ranges::any_of(
        groups, [part](const auto& name) { return name.find(part) != std::string::npos; });
  };
  return has("encoder") && has("decoder");
}

const json::value* find(const json::object& object, std::string_view first,
                        std::string_view second) {
  const auto* inner = object.if_contains(first);
  return inner != nullptr && inner->is_object() ? inner->get_object().if_contains(second) : nullptr;
}

json::value or_null(const json::value* value) { return value != nullptr ? *value : json::value(); }

}  // namespace

std::string_view name_of(HefKind kind) {
  switch (kind) {
    case HefKind::kTensor: return "tensor";
    case HefKind::kLanguage: return "llm";
    case HefKind::kVisionLanguage: return "vlm";
    case HefKind::kSpeech: return "speech2text";
  }
  return "";
}

HefKind kind_of(std::span<const std::string> groups) {
  if (any_ends_in(groups, "prefill")) {
    return any_ends_in(groups, "encoder") ? HefKind::kVisionLanguage : HefKind::kLanguage;
  }
  return is_speech_model(groups) ? HefKind::kSpeech : HefKind::kTensor;
}

Result<std::string> default_adapter(std::span<const std::string> groups) {
  std::vector<std::string> adapters;
  for (const auto& name : groups) {
    if (name.ends_with(kPrefill)) {
      adapters.push_back(name.substr(0, name.size() - kPrefill.size()));
    }
  }
  const auto is_bare = [](const auto& name) { return name.ends_with(kBareModel); };
  if (std::ranges::any_of(adapters, is_bare)) return std::string(kBareModel);
  if (adapters.empty()) return std::string();
  if (adapters.size() == 1) return adapters.front();
  return fail(ErrorCode::kUnsupported,
              fmt::format("the file has adapters without their base model, and which of them is "
                          "meant cannot be told: {}",
                          fmt::join(adapters, ", ")));
}

std::vector<std::string> lora_names(std::span<const std::string> groups) {
  std::set<std::string> names;
  for (const std::string& group : groups) {
    if (!group.ends_with(kPrefill)) continue;
    std::string_view name = group;
    name.remove_suffix(kPrefill.size());
    if (const auto before = name.rfind("__"); before != std::string_view::npos) {
      name.remove_prefix(before + 2);
    }
    if (!name.empty() && name != kBareModel) names.emplace(name);
  }
  // One pair of groups and no base_model: that name is the model's own.
  if (names.size() == 1 && !any_ends_in(groups, "base_model__prefill")) names.clear();
  return {names.begin(), names.end()};
}

json::object describe_config(const json::object& config) {
  constexpr const char* kSampling = "default_generation_params";
  constexpr const char* kReading = "pre_process_params";
  return {
      {"context_length", or_null(find(config, kReading, "kv_cache_size"))},
      {"prefill_tokens", or_null(find(config, kReading, "prefill_input_tokens_count"))},
      {"chat_template", or_null(config.if_contains("chat_template"))},
      {"eos_token_id", or_null(config.if_contains("eos_token_id"))},
      {"stop_token_ids", or_null(config.if_contains("stop_token_id"))},
      {"sampling",
       json::object{{"temperature", or_null(find(config, kSampling, "temperature"))},
                    {"top_p", or_null(find(config, kSampling, "top_p"))},
                    {"top_k", or_null(find(config, kSampling, "top_k"))},
                    {"repetition_penalty", or_null(find(config, kSampling, "repetition_penalty"))},
                    {"do_sample", or_null(find(config, kSampling, "do_sample"))},
                    {"max_tokens", or_null(find(config, kSampling, "max_new_tokens"))}}},
      {"chunk_seconds", or_null(config.if_contains("chunk_size_seconds"))},
  };
}

}  // namespace npu::store
