#include "device/hailort/selftest/run_check.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "device/hailort/selftest/check_list.hpp"
#include "device/hailort/selftest/checks.hpp"
#include "json/fields.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

using Check = Answer (*)(const Bench&);

Check function_of(int number) {
  switch (number) {
    case 1: return drop_vision_model;
    case 6: return sessions;
    case 8: return restart;
    case 9: return shared_memory_input;
    case 10: return lost_replies;
    case 13: return unit_of_memory;
    case 14: return load_times;
#ifdef NPU_HAILORT_GENAI
    case 2: return change_language_model;
    case 3: return second_language_model;
    case 4: return vision_beside_tokens;
    case 5: return abort_latency;
    case 7: return save_context;
    case 11: return connection_dropped;
    case 12: return beside_ollama;
#endif
    default: return nullptr;
  }
}

bool has(const Bench& bench, std::string_view need) {
  constexpr std::string_view kFiles[] = {"hef", "llm", "llm2", "vlm", "speech"};
  if (need == "any") {
    return std::ranges::any_of(kFiles, [&](auto name) { return !bench.file(name).empty(); });
  }
  return bench.flag(need) || !bench.file(need).empty();
}

// The one that the options name, else the first.
Result<std::string> device_of(const json::object& options) {
  if (const auto named = npu::json::Fields(options).text("device")) return std::string(*named);
  const auto ids = sdk::Device::scan();
  if (!ids.has_value()) {
    return fail(to_error(ids.status(), Operation::kConnect, "looking for devices"));
  }
  if (ids->empty()) return fail(ErrorCode::kUnavailable, "there is no device");
  return ids->front();
}

}  // namespace

Result<json::object> run_check(int number, const json::object& options,
                               const OnReading& on_reading) {
  const auto info = std::ranges::find(hardware_checks(), number, &CheckInfo::number);
  if (info == hardware_checks().end()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("there is no check {}", number));
  }
  const Bench asked(options, on_reading);
  for (const std::string_view need : info->needs) {
    if (!has(asked, need)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("check {} ({}) needs the option {}", number, info->title, need));
    }
  }
  const Check check = function_of(number);
  if (check == nullptr) {
    return skipped(
        fmt::format("the adapter of HailoRT {} has no generative models; they need HailoRT 5.1.1",
                    NPU_HAILORT_COMPILED_VERSION));
  }
  auto device = device_of(options);
  if (!device) return fail(device.error());
  const Bench bench(options, on_reading, std::move(*device));
  json::object named;
  bench.note(named, "device", json::value(bench.device()));
  auto answer = check(bench);
  if (answer) answer->insert(named.begin(), named.end());
  return answer;
}

}  // namespace npu::device::hailort::selftest
