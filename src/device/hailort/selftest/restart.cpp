// What becomes of calls when the chip restarts under them.
#include <algorithm>
#include <future>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/vision_bench.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/selftest/genai_bench.hpp"
#endif

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInFlightLimit{25'000};
constexpr milliseconds kCallLimit{30'000};
constexpr milliseconds kShortCallLimit{26'000};
constexpr double kBackLimitMs = 120'000;
constexpr milliseconds kBetweenLooks{500};

#ifdef NPU_HAILORT_RESET_REBOOT
constexpr bool kCanRestart = true;
hailo_status restart_chip(sdk::Device& device) {
  return device.reset(HAILO_RESET_DEVICE_MODE_REBOOT);
}
#else
constexpr bool kCanRestart = false;
hailo_status restart_chip(sdk::Device&) { return HAILO_NOT_IMPLEMENTED; }
#endif

// What was open when the chip went. The calls share it, so that nothing is destroyed under one that
// hangs.
struct Open {
  std::shared_ptr<sdk::Device> device;
  std::shared_ptr<sdk::Device> busy_device;  // readings are under way on it
  std::shared_ptr<sdk::VDevice> group;
  std::shared_ptr<sdk::VDevice> loading_group;  // a model is being sent on it
  std::shared_ptr<VisionModel> vision;
  std::shared_ptr<VisionModel> busy_vision;
#ifdef NPU_HAILORT_GENAI
  std::shared_ptr<genai::LLM> text;
  std::shared_ptr<Speaking> speaking;
#endif
};

Status open_models(const Bench& bench, Open& open) {
  if (const std::string path = bench.file("hef"); !path.empty()) {
    for (auto* vision : {&open.vision, &open.busy_vision}) {
      auto model = VisionModel::load(*open.group, path);
      if (!model) return fail(model.error());
      *vision = std::make_shared<VisionModel>(std::move(*model));
    }
  }
#ifdef NPU_HAILORT_GENAI
  if (const std::string path = bench.file("llm"); !path.empty()) {
    auto model = must_load_text(open.group, path);
    if (!model) return fail(model.error());
    open.text = *model;
  }
#endif
  return {};
}

// Calls again until it fails, so that one is under way at any time; HAILO_SUCCESS where it never
// does.
Pending until_it_fails(std::function<hailo_status()> call) {
  return Pending([call = std::move(call)] {
    const Stopwatch watch;
    while (watch.ms() < kInFlightLimit.count()) {
      if (const auto status = call(); status != HAILO_SUCCESS) return status;
    }
    return HAILO_SUCCESS;
  });
}

using Calls = std::vector<std::pair<const char*, Pending>>;

#ifdef NPU_HAILORT_GENAI
// Returns once the first token is there, so that the answer is under way for sure.
Result<Pending> begin_answer(Open& open) {
  auto begun = speak(*open.text, "Count to one thousand.", 900);
  if (!begun) return fail(begun.error());
  open.speaking = std::make_shared<Speaking>(std::move(*begun));
  auto first_token = std::make_shared<std::promise<void>>();
  const auto has_begun = first_token->get_future();
  Pending call([speaking = open.speaking, first_token = std::move(first_token)] {
    using Status = genai::LLMGeneratorCompletion::Status;
    hailo_status status = HAILO_SUCCESS;
    for (bool first = true; status == HAILO_SUCCESS; first = false) {
      if (speaking->completion->generation_status() != Status::GENERATING) break;
      status = speaking->completion->read(std::chrono::seconds(10)).status();
      if (first) first_token->set_value();
    }
    return status;
  });
  has_begun.wait_for(kInFlightLimit);
  return call;
}
#endif

// The kinds of calls that a program may be in when the chip goes, each on a thread of its own;
// those of models only where there is one.
Result<Calls> begin_calls(const Bench& bench, Open& open) {
  Calls calls;
  calls.emplace_back("read the load", until_it_fails([device = open.busy_device] {
                       return device->query_performance_stats().status();
                     }));
  if (open.busy_vision != nullptr) {
    calls.emplace_back("run pictures",
                       until_it_fails([vision = open.busy_vision] { return vision->run(); }));
    calls.emplace_back("send a model",
                       until_it_fails([group = open.loading_group, path = bench.file("hef")] {
                         return group->create_infer_model(path).status();
                       }));
  }
#ifdef NPU_HAILORT_GENAI
  if (open.text != nullptr) {
    auto answer = begin_answer(open);
    if (!answer) return fail(answer.error());
    calls.emplace_back("read tokens", std::move(*answer));
  }
#endif
  return calls;
}

// Calls made after the restart on what was open before it.
Calls call_again(const Open& open) {
  Calls calls;
  calls.emplace_back("identify",
                     Pending([device = open.device] { return device->identify().status(); }));
  if (open.vision != nullptr) {
    calls.emplace_back("run a picture", Pending([vision = open.vision] { return vision->run(); }));
  }
  calls.emplace_back("one more VDevice", Pending([group = open.group] {
                       return sdk::VDevice::create_shared(group->get_params()).status();
                     }));
  return calls;
}

json::object results_of(const Calls& calls, milliseconds limit) {
  json::object out;
  for (const auto& [name, call] : calls) out[name] = call.wait(limit);
  return out;
}

template <class T>
void drop(const char* name, std::shared_ptr<T>& what, milliseconds limit, json::object& calls) {
  if (what == nullptr) return;
  auto last = std::make_shared<std::shared_ptr<T>>(std::move(what));
  calls[name] = bounded(
      [last] {
        last->reset();
        return HAILO_SUCCESS;
      },
      limit);
}

#ifdef NPU_HAILORT_GENAI
// Where an abort fails, 5.2 ends the whole process in the answer's destructor, and a model must not
// be destroyed before its answer. So both stay for ever then.
void drop_text(Open& open, milliseconds limit, json::object& calls) {
  if (open.speaking == nullptr) return;
  calls["abort the answer"] =
      bounded([speaking = open.speaking] { return speaking->completion->abort(); }, limit);
  const auto* status = calls.at("abort the answer").as_object().if_contains("status");
  if (status != nullptr && *status == static_cast<int>(HAILO_SUCCESS)) {
    drop("drop the answer", open.speaking, limit, calls);
    drop("drop the language model", open.text, limit, calls);
    return;
  }
  new std::shared_ptr<Speaking>(std::move(open.speaking));
  new std::shared_ptr<genai::LLM>(std::move(open.text));
}
#endif

void drop_everything(Open& open, milliseconds limit, json::object& calls) {
#ifdef NPU_HAILORT_GENAI
  drop_text(open, limit, calls);
#endif
  drop("drop the vision model", open.vision, limit, calls);
  drop("drop the busy vision model", open.busy_vision, limit, calls);
  drop("drop the VDevice", open.group, limit, calls);
  drop("drop the loading VDevice", open.loading_group, limit, calls);
  drop("drop the Device", open.device, limit, calls);
  drop("drop the busy Device", open.busy_device, limit, calls);
}

json::object wait_for_return(const std::string& id, milliseconds limit) {
  const Stopwatch watch;
  std::set<std::string> met;
  int attempts = 0;
  while (watch.ms() < kBackLimitMs) {
    ++attempts;
    const auto answer = bounded(
        [id] {
          const auto device = sdk::Device::create(id);
          return device.has_value() ? device.value()->identify().status() : device.status();
        },
        limit);
    if (answer.contains("hangs")) {
      met.insert("hangs");
      continue;
    }
    const auto status = static_cast<hailo_status>(answer.at("status").as_int64());
    if (status == HAILO_SUCCESS) {
      return {{"ms", watch.ms()}, {"attempts", attempts}, {"met", json::value_from(met)}};
    }
    met.insert(status_text(status));
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return {{"ms", nullptr}, {"attempts", attempts}, {"met", json::value_from(met)}};
}

std::string calls_in_words(const json::object& calls) {
  std::vector<std::string> hang;
  std::vector<std::string> answer;
  for (const auto& [name, call] : calls) {
    const auto& of = call.as_object();
    if (of.contains("hangs")) {
      hang.emplace_back(name);
    } else {
      answer.push_back(fmt::format("{} {}", std::string_view(name), of.at("status").as_int64()));
    }
  }
  return fmt::format("hang: {}; status: {}",
                     hang.empty() ? "none" : fmt::format("{}", fmt::join(hang, ", ")),
                     fmt::join(answer, ", "));
}

// Two connections of each kind: one to have a call under way on, one to call again.
Result<Open> open_all(const Bench& bench) {
  Open open;
  for (auto* device : {&open.device, &open.busy_device}) {
    auto made = bench.readings();
    if (!made) return fail(made.error());
    *device = std::move(*made);
  }
  for (auto* group : {&open.group, &open.loading_group}) {
    auto made = bench.connect();
    if (!made) return fail(made.error());
    *group = std::move(*made);
  }
  if (auto models = open_models(bench, open); !models) return fail(models.error());
  return open;
}

}  // namespace

Answer restart(const Bench& bench) {
  if (!kCanRestart) {
    return skipped(fmt::format("HailoRT {} has no call that restarts the chip", loaded_version()));
  }
  auto opened = open_all(bench);
  if (!opened) return fail(opened.error());
  Open open = std::move(*opened);
  auto trigger = bench.readings();
  if (!trigger) return fail(trigger.error());
  const std::shared_ptr<sdk::Device> to_restart = std::move(*trigger);

  const milliseconds limit = bench.flag("short") ? kShortCallLimit : kCallLimit;
  json::object out;
  auto begun = begin_calls(bench, open);
  if (!begun) {
    new Open(std::move(open));  // the calls under way use it
    return fail(begun.error());
  }
  const Calls under_way = std::move(*begun);
  bench.note(out, "restart", bounded([to_restart] { return restart_chip(*to_restart); }, limit));
  const auto* status = out.at("restart").as_object().if_contains("status");
  if (status != nullptr && *status != static_cast<int>(HAILO_SUCCESS)) {
    new Open(std::move(open));  // the calls under way use it
    return refused_or_skipped(static_cast<hailo_status>(status->as_int64()), Operation::kConnect,
                              "restarting the chip");
  }
  bench.note(out, "under_way", results_of(under_way, limit));
  json::object calls = results_of(call_again(open), limit);
  bench.note(out, "calls", calls);
  drop_everything(open, limit, calls);
  bench.note(out, "calls", calls);
  const auto back = wait_for_return(bench.device(), limit);
  bench.note(out, "back", back);
  out["result"] = fmt::format(
      "under way: {}; afterwards: {}; {}", calls_in_words(out.at("under_way").as_object()),
      calls_in_words(calls),
      back.at("ms").is_null()
          ? std::string("it did not come back")
          : fmt::format("it was back after {:.1f} s", back.at("ms").as_double() / 1000));
  return out;
}

}  // namespace npu::device::hailort::selftest
