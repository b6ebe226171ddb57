// The one KV cache of the chip: one model after another, two at a time, and with a stranger.
#include <fmt/format.h>

#include "device/hailort/checks/asked.hpp"
#include "device/hailort/checks/genai_bench.hpp"

namespace npu::device::hailort::checks {
namespace json = boost::json;
namespace {

json::object to_json(const Loaded& loaded) {
  json::object out = status_json(loaded.status);
  out["ms"] = loaded.ms;
  out["attempts"] = loaded.attempts;
  return out;
}

// Loads, says a few tokens, drops; gives whether both went well.
bool one_turn(const std::shared_ptr<sdk::VDevice>& group, const std::string& path,
              sdk::Device& device, json::object& out) {
  const auto loaded = load_text_patiently(group, path);
  out["load"] = to_json(loaded);
  if (loaded.model == nullptr) return false;
  const auto spoken = say(*loaded.model, kPrompt, kFewTokens);
  out["answer"] = checks::to_json(spoken);
  out["used_bytes"] = or_null(memory_used(device));
  return spoken.status == HAILO_SUCCESS;
}

std::string verdict(const json::object& turn) {
  const auto status = static_cast<hailo_status>(turn.at("load").at("status").as_int64());
  if (status != HAILO_SUCCESS) return "fails with " + status_text(status);
  const auto spoken = static_cast<hailo_status>(turn.at("answer").at("status").as_int64());
  if (spoken != HAILO_SUCCESS) return "loads and then fails with " + status_text(spoken);
  return fmt::format("works (loaded in {:.1f} s)", turn.at("load").at("ms").as_double() / 1000);
}

hailo_status load_second(const Bench& bench, const std::shared_ptr<sdk::VDevice>& group) {
  if (const std::string vlm = bench.file("vlm"); !vlm.empty()) {
    return genai::VLM::create(group, genai::VLMParams(vlm)).status();
  }
  const std::string other = bench.file("llm2");
  return load_text(group, other.empty() ? bench.file("llm") : other).status;
}

}  // namespace

Answer change_language_model(const Bench& bench) {
  auto device = Bench::readings();
  if (!device) return fail(device.error());
  json::object out;
  out["used_before"] = or_null(memory_used(**device));
  json::object kept;
  json::object fresh;
  {
    auto group = bench.connect();
    if (!group) return fail(group.error());
    json::object first;
    if (!one_turn(*group, bench.file("llm"), **device, first)) {
      return fail(ErrorCode::kUnavailable, "the first model " + verdict(first));
    }
    out["first"] = std::move(first);
    one_turn(*group, bench.file("llm2"), **device, kept);
  }
  settle(bench);
  auto group = bench.connect();
  if (!group) return fail(group.error());
  one_turn(*group, bench.file("llm2"), **device, fresh);
  out["result"] = fmt::format("the second model on the kept VDevice {}, on a new one {}",
                              verdict(kept), verdict(fresh));
  out["second_on_kept_vdevice"] = std::move(kept);
  out["second_on_new_vdevice"] = std::move(fresh);
  return out;
}

Answer second_language_model(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  auto other_group = bench.connect();
  if (!other_group) return fail(other_group.error());
  const Stopwatch watch;
  const hailo_status status = load_second(bench, *other_group);
  json::object out{{"second", status_json(status)}, {"ms", watch.ms()}};
  const auto first = say(**model, kPrompt, kFewTokens);
  out["first_afterwards"] = checks::to_json(first);
  out["result"] = fmt::format(
      "the second is {} after {:.1f} s; the first {}",
      status == HAILO_SUCCESS ? std::string("loaded as well")
                              : "refused with " + status_text(status),
      out.at("ms").as_double() / 1000,
      first.status == HAILO_SUCCESS ? "works on" : "fails with " + status_text(first.status));
  return out;
}

Answer beside_ollama(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  const auto loaded = load_text_patiently(*group, bench.file("llm"));
  json::object out{{"load", to_json(loaded)}};
  std::string answer = loaded.model == nullptr
                           ? "while it holds its model we get " + status_text(loaded.status)
                           : std::string("we can load a model beside it");
  if (loaded.model != nullptr) {
    const auto spoken = say(*loaded.model, kPrompt, kFewTokens);
    out["answer"] = checks::to_json(spoken);
    answer += spoken.status == HAILO_SUCCESS ? " and it answers"
                                             : " and it fails with " + status_text(spoken.status);
  }
  out["result"] = answer;
  return out;
}

}  // namespace npu::device::hailort::checks
