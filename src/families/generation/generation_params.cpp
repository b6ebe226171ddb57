#include "families/generation/generation_params.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
using npu::json::Fields;

namespace {

// Over it every token is as likely as any other.
constexpr double kMaxTemperature = 100;
constexpr double kMaxPenalty = 100;
constexpr std::size_t kMaxStops = 16;
constexpr std::size_t kMaxStopBytes = 256;

// Any whole number: of large ones the low 32 bits count, and -1 asks for a random one.
std::optional<std::uint32_t> seed_in(Fields& in) {
  constexpr double kSeeds = 4294967296.0;
  const auto* value = in.find("seed");
  if (value == nullptr || *value == -1) return std::nullopt;
  if (const auto* number = value->if_int64()) return static_cast<std::uint32_t>(*number);
  if (const auto* number = value->if_uint64()) return static_cast<std::uint32_t>(*number);
  const auto number = npu::json::number_in(*value);
  if (number && *number == std::floor(*number) && *number >= 0) {
    return static_cast<std::uint32_t>(std::fmod(*number, kSeeds));
  }
  in.wrong("seed", "a whole number");
  return std::nullopt;
}

// 0 for no limit.
std::optional<int> top_k_in(Fields& in) {
  constexpr double kMost = std::numeric_limits<int>::max();
  const auto* value = in.find("top_k");
  if (value == nullptr) return std::nullopt;
  const auto number = npu::json::number_in(*value);
  if (number && *number == std::floor(*number)) {
    return static_cast<int>(std::clamp(*number, 0.0, kMost));
  }
  in.wrong("top_k", "a whole number");
  return std::nullopt;
}

std::optional<float> up_to(Fields& in, std::string_view name, double most) {
  const auto number = in.capped_number(name, 0, most);
  return number ? std::optional(static_cast<float>(*number)) : std::nullopt;
}

std::optional<float> penalty_in(Fields& in, std::string_view name) {
  const auto number = in.number(name);
  if (!number) return std::nullopt;
  return static_cast<float>(std::clamp(*number, -kMaxPenalty, kMaxPenalty));
}

void add_stop(Fields& in, const json::value& value, std::vector<std::string>& stops) {
  const auto* words = value.if_string();
  if (words == nullptr) {
    return in.fail_with(
        npu::json::must_be("stop", "a string or a list of strings", npu::json::quote(value)));
  }
  if (words->size() > kMaxStopBytes) {
    return in.fail_with(
        fmt::format("a stop string has at most {} bytes, got {}", kMaxStopBytes, words->size()));
  }
  if (!words->empty()) stops.emplace_back(*words);
}

std::vector<std::string> stops_in(Fields& in) {
  std::vector<std::string> stops;
  const auto* value = in.find("stop");
  if (value == nullptr) return stops;
  const auto* list = value->if_array();
  if (list == nullptr) {
    add_stop(in, *value, stops);
  } else if (list->size() > kMaxStops) {
    in.fail_with(fmt::format("at most {} stop strings, got {}", kMaxStops, list->size()));
  } else {
    for (const auto& one : *list) add_stop(in, one, stops);
  }
  return stops;
}

// OpenAI's older interface has a number here, its newer one a flag.
bool asks_for_logprobs(const Fields& in) {
  const auto* value = in.find("logprobs");
  return value != nullptr && *value != false && *value != 0;
}

// Drops what the device cannot do and notes its name.
template <class T>
void ignore_unless(bool supported, std::string_view name, std::optional<T>& value,
                   std::vector<std::string>& ignored) {
  if (supported || !value) return;
  value.reset();
  ignored.emplace_back(name);
}

}  // namespace

Result<GenerationParams> parse_generation(const json::object& fields,
                                          const device::TextModel& model) {
  Fields in(fields);
  GenerationParams params;
  device::Sampling& sampling = params.sampling;
  sampling.temperature = up_to(in, "temperature", kMaxTemperature);
  sampling.top_p = up_to(in, "top_p", 1);
  sampling.top_k = top_k_in(in);
  sampling.min_p = up_to(in, "min_p", 1);
  sampling.repetition_penalty = up_to(in, "repetition_penalty", kMaxPenalty);
  sampling.presence_penalty = penalty_in(in, "presence_penalty");
  sampling.frequency_penalty = penalty_in(in, "frequency_penalty");
  sampling.seed = seed_in(in);
  if (const auto tokens = in.capped_integer("max_generated_tokens", 0, model.context_length())) {
    sampling.max_tokens = static_cast<int>(*tokens);
  }
  params.stops = stops_in(in);
  params.keep_context = in.flag("keep_context").value_or(false);
  params.details = in.flag("details").value_or(false) || params.keep_context;
  params.context = in.count("context");
  if (!in.status()) return fail(in.status().error());

  const device::SamplingSupport support = model.sampling_support();
  ignore_unless(support.min_p, "min_p", sampling.min_p, params.ignored);
  ignore_unless(support.presence_penalty, "presence_penalty", sampling.presence_penalty,
                params.ignored);
  ignore_unless(support.frequency_penalty, "frequency_penalty", sampling.frequency_penalty,
                params.ignored);
  if (asks_for_logprobs(in)) params.ignored.emplace_back("logprobs");
  return params;
}

}  // namespace npu::families
