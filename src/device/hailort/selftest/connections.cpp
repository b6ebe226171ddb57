// How many connections the chip takes, and how reliable tiny calls on one are.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "device/hailort/selftest/checks.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/selftest/genai_bench.hpp"
#endif

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

constexpr int kMostSessions = 64;
constexpr int kEnoughTimeouts = 3;

// Opens until one is refused; `open` gives the status. All are closed on return.
template <class Open>
json::object count(const Open& open) {
  int opened = 0;
  hailo_status status = HAILO_SUCCESS;
  std::vector<decltype(open(status))> held;
  const Stopwatch watch;
  double last_ms = 0;
  while (opened < kMostSessions) {
    const Stopwatch one;
    auto session = open(status);
    last_ms = one.ms();
    if (status != HAILO_SUCCESS) break;
    held.push_back(std::move(session));
    ++opened;
  }
  json::object out{{"opened", opened}, {"ms", watch.ms()}, {"last_ms", last_ms}};
  out["refused_with"] = status != HAILO_SUCCESS ? json::value(status_json(status)) : nullptr;
  return out;
}

std::string in_words(const json::object& counted) {
  const auto opened = counted.at("opened").as_int64();
  if (counted.at("refused_with").is_null()) return fmt::format("at least {}", opened);
  return fmt::format(
      "{}, then {}", opened,
      status_text(static_cast<hailo_status>(counted.at("refused_with").at("status").as_int64())));
}

// A VDevice and a Device in turns, beside a language model where there is one.
Result<json::object> mixed_sessions(const Bench& bench, const hailo_vdevice_params_t& params) {
  bool language_model = false;
#ifdef NPU_HAILORT_GENAI
  std::shared_ptr<genai::LLM> text;
  if (const std::string path = bench.file("llm"); !path.empty()) {
    auto group = bench.connect();
    if (!group) return fail(group.error());
    auto loaded = must_load_text(*group, path);
    if (!loaded) return fail(loaded.error());
    text = std::move(*loaded);
    language_model = true;
  }
#endif
  bool turn = false;
  auto out = count([&](hailo_status& status) -> std::shared_ptr<void> {
    turn = !turn;
    if (turn) {
      auto made = sdk::VDevice::create_shared(params);
      status = made.status();
      return made.has_value() ? std::shared_ptr<void>(made.release()) : nullptr;
    }
    auto made = sdk::Device::create(bench.device());
    status = made.status();
    return made.has_value() ? std::shared_ptr<void>(made.release()) : nullptr;
  });
  out["language_model"] = language_model;
  return out;
}

}  // namespace

Answer sessions(const Bench& bench) {
  const auto params = bench.params();
  if (!params) return fail(params.error());
  json::object out;
  bench.note(out, "devices", count([&](hailo_status& status) {
               auto made = sdk::Device::create(bench.device());
               status = made.status();
               return made.has_value() ? made.release() : std::unique_ptr<sdk::Device>();
             }));
  settle(bench);
  bench.note(out, "vdevices", count([&](hailo_status& status) {
               auto made = sdk::VDevice::create_shared(*params);
               status = made.status();
               return made.has_value() ? made.release() : std::shared_ptr<sdk::VDevice>();
             }));
  settle(bench);
  if (auto mixed = mixed_sessions(bench, *params); mixed) {
    bench.note(out, "mixed", std::move(*mixed));
  } else {
    return fail(mixed.error());
  }
  out["result"] =
      fmt::format("Device objects: {}; VDevice objects: {}; in turns{}: {}",
                  in_words(out.at("devices").as_object()), in_words(out.at("vdevices").as_object()),
                  out.at("mixed").at("language_model").as_bool() ? " beside a language model" : "",
                  in_words(out.at("mixed").as_object()));
  return out;
}

Answer lost_replies(const Bench& bench) {
  auto device = bench.readings();
  if (!device) return fail(device.error());
  const int calls = bench.repeat(5000, 200);
  std::vector<double> times;
  json::array others;
  int timeouts = 0;
  for (int i = 0; i < calls && timeouts < kEnoughTimeouts; ++i) {
    const Stopwatch watch;
    const auto who = (*device)->identify();
    times.push_back(watch.ms());
    if (who.has_value()) continue;
    if (who.status() == HAILO_TIMEOUT) {
      ++timeouts;
    } else {
      others.push_back(status_json(who.status()));
      break;
    }
  }
  const auto made = times.size();
  json::object out{{"calls", made}, {"timeouts", timeouts}, {"other_errors", others}};
  out["times"] = spread(std::move(times));
  out["result"] = fmt::format("{} of {} calls timed out", timeouts, made);
  if (!others.empty()) out["result"] = fmt::format("a call failed after {}", made);
  return out;
}

}  // namespace npu::device::hailort::selftest
