// What becomes of calls when the chip restarts under them.
#include <algorithm>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/hailort/checks/asked.hpp"
#include "device/hailort/checks/vision_bench.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/checks/genai_bench.hpp"
#endif

namespace npu::device::hailort::checks {
namespace json = boost::json;
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCallLimit{30'000};
constexpr milliseconds kShortCallLimit{12'000};  // over the 10 s after which the library gives up
constexpr double kBackLimitMs = 120'000;
constexpr milliseconds kBetweenAttempts{500};

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
  std::shared_ptr<sdk::VDevice> group;
  std::shared_ptr<VisionModel> vision;
#ifdef NPU_HAILORT_GENAI
  std::shared_ptr<genai::LLM> text;
  std::shared_ptr<Speaking> speaking;
#endif
};

Status open_models(const Bench& bench, Open& open) {
  if (const std::string path = bench.file("hef"); !path.empty()) {
    auto model = VisionModel::load(*open.group, path);
    if (!model) return fail(model.error());
    open.vision = std::make_shared<VisionModel>(std::move(*model));
  }
#ifdef NPU_HAILORT_GENAI
  if (const std::string path = bench.file("llm"); !path.empty()) {
    auto model = must_load_text(open.group, path);
    if (!model) return fail(model.error());
    open.text = *model;
    auto speaking = speak(*open.text, "Count to one thousand.", 900);
    if (!speaking) return fail(speaking.error());
    open.speaking = std::make_shared<Speaking>(std::move(*speaking));
  }
#endif
  return {};
}

// Each call that a program may be in; those of models only where there is one.
void call_everything(const Open& open, milliseconds limit, json::object& calls) {
  calls["identify"] =
      bounded([device = open.device] { return device->identify().status(); }, limit);
  if (open.vision != nullptr) {
    calls["run a picture"] = bounded([vision = open.vision] { return vision->run(); }, limit);
  }
#ifdef NPU_HAILORT_GENAI
  if (open.speaking != nullptr) {
    calls["read a token"] = bounded(
        [speaking = open.speaking] {
          // Pieces that had arrived before come without asking the chip.
          for (;;) {
            const auto piece = speaking->completion->read(std::chrono::seconds(10));
            if (!piece.has_value()) return piece.status();
          }
        },
        limit);
  }
#endif
  calls["one more VDevice"] = bounded(
      [group = open.group] {
        auto made = sdk::VDevice::create_shared(group->get_params());
        return made.status();
      },
      limit);
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
  drop("drop the VDevice", open.group, limit, calls);
  drop("drop the Device", open.device, limit, calls);
}

json::object wait_for_return(milliseconds limit) {
  const Stopwatch watch;
  std::set<std::string> met;
  int attempts = 0;
  while (watch.ms() < kBackLimitMs) {
    ++attempts;
    const auto answer = bounded(
        [] {
          const auto ids = sdk::Device::scan();
          if (!ids.has_value()) return ids.status();
          if (ids->empty()) return HAILO_NOT_FOUND;
          const auto device = sdk::Device::create(ids->front());
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
    std::this_thread::sleep_for(kBetweenAttempts);
  }
  return {{"ms", nullptr}, {"attempts", attempts}, {"met", json::value_from(met)}};
}

std::string in_words(const json::object& calls, const json::object& back) {
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
  const std::string returned =
      back.at("ms").is_null()
          ? std::string("it did not come back")
          : fmt::format("it was back after {:.1f} s", back.at("ms").as_double() / 1000);
  return fmt::format("hang: {}; status: {}; {}",
                     hang.empty() ? "none" : fmt::format("{}", fmt::join(hang, ", ")),
                     fmt::join(answer, ", "), returned);
}

}  // namespace

Answer restart(const Bench& bench) {
  if (!kCanRestart) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("HailoRT {} has no call that restarts the chip", loaded_version()));
  }
  Open open;
  auto device = Bench::readings();
  if (!device) return fail(device.error());
  open.device = std::move(*device);
  auto trigger = Bench::readings();
  if (!trigger) return fail(trigger.error());
  auto group = bench.connect();
  if (!group) return fail(group.error());
  open.group = std::move(*group);
  if (auto models = open_models(bench, open); !models) return fail(models.error());

  const milliseconds limit = bench.flag("short") ? kShortCallLimit : kCallLimit;
  json::object out;
  const std::shared_ptr<sdk::Device> to_restart = std::move(*trigger);
  out["restart"] = bounded([to_restart] { return restart_chip(*to_restart); }, limit);
  const auto* status = out.at("restart").as_object().if_contains("status");
  if (status != nullptr && *status != static_cast<int>(HAILO_SUCCESS)) {
    drop_everything(open, limit, out);
    return fail(to_error(static_cast<hailo_status>(status->as_int64()), Operation::kConnect,
                         "restarting the chip"));
  }
  json::object calls;
  call_everything(open, limit, calls);
  drop_everything(open, limit, calls);
  const auto back = wait_for_return(limit);
  out["result"] = in_words(calls, back);
  out["calls"] = std::move(calls);
  out["back"] = back;
  return out;
}

}  // namespace npu::device::hailort::checks
