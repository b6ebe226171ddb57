// The one KV cache of the chip: one model after another, two at a time, and with a stranger.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>

#include "device/hailort/machine/holders.hpp"
#include "device/hailort/machine/machine.hpp"
#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/genai_bench.hpp"

namespace npu::device::hailort::selftest {
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
  out["answer"] = selftest::to_json(spoken);
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

// {"status", "name", "ms"} of loading one more beside the first.
json::object load_second(const std::shared_ptr<sdk::VDevice>& group, const std::string& path,
                         bool vision) {
  const Stopwatch watch;
  const hailo_status status = vision ? genai::VLM::create(group, genai::VLMParams(path)).status()
                                     : load_text(group, path).status;
  json::object out = status_json(status);
  out["ms"] = watch.ms();
  return out;
}

std::string verdict_on_second(std::string_view what, const json::object& second) {
  const auto status = static_cast<hailo_status>(second.at("status").as_int64());
  return fmt::format("{} is {} after {:.1f} s", what,
                     status == HAILO_SUCCESS ? std::string("loaded as well")
                                             : "refused with " + status_text(status),
                     second.at("ms").as_double() / 1000);
}

// The process of hailo-ollama, whoever started it; 0: none.
int find_ollama() {
  std::error_code error;
  const std::filesystem::path proc = roots_from_environment().proc;
  for (std::filesystem::directory_iterator it(proc, error), end; !error && it != end;
       it.increment(error)) {
    std::ifstream comm(it->path() / "comm");
    std::string name;
    if (!std::getline(comm, name) || name != "hailo-ollama") continue;
    return static_cast<int>(std::strtol(it->path().filename().c_str(), nullptr, 10));
  }
  return 0;
}

}  // namespace

Answer change_language_model(const Bench& bench) {
  auto device = bench.readings();
  if (!device) return fail(device.error());
  json::object out;
  bench.note(out, "used_before", or_null(memory_used(**device)));
  json::object kept;
  json::object fresh;
  {
    auto group = bench.connect();
    if (!group) return fail(group.error());
    json::object first;
    if (!one_turn(*group, bench.file("llm"), **device, first)) {
      return fail(ErrorCode::kUnavailable, "the first model " + verdict(first));
    }
    bench.note(out, "first", std::move(first));
    one_turn(*group, bench.file("llm2"), **device, kept);
    bench.note(out, "second_on_kept_vdevice", kept);
  }
  settle(bench);
  auto group = bench.connect();
  if (!group) return fail(group.error());
  one_turn(*group, bench.file("llm2"), **device, fresh);
  bench.note(out, "second_on_new_vdevice", fresh);
  out["result"] = fmt::format("the second model on the kept VDevice {}, on a new one {}",
                              verdict(kept), verdict(fresh));
  return out;
}

Answer second_language_model(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  auto other_group = bench.connect();
  if (!other_group) return fail(other_group.error());
  json::object out;
  std::string answer;
  const auto try_second = [&](const char* name, std::string_view what, const std::string& path) {
    bench.note(out, name, load_second(*other_group, path, std::string_view(name) == "second_vlm"));
    answer += verdict_on_second(what, out.at(name).as_object()) + "; ";
  };
  const std::string other = bench.file("llm2");
  try_second("second", "a second language model", other.empty() ? bench.file("llm") : other);
  if (const std::string vlm = bench.file("vlm"); !vlm.empty()) {
    try_second("second_vlm", "a vision-language model", vlm);
  }
  const auto first = say(**model, kPrompt, kFewTokens);
  bench.note(out, "first_afterwards", selftest::to_json(first));
  out["result"] = fmt::format(
      "{}the first {}", answer,
      first.status == HAILO_SUCCESS ? "works on" : "fails with " + status_text(first.status));
  return out;
}

Answer beside_ollama(const Bench& bench) {
  const int ollama = find_ollama();
  if (ollama == 0) return fail(ErrorCode::kUnavailable, "hailo-ollama does not run");
  json::object out;
  const Roots roots = roots_from_environment();
  const auto others = holders(roots, device_nodes(roots), ::getpid());
  bench.note(out, "hailo_ollama", ollama);
  bench.note(out, "holders", describe(others).c_str());
  auto group = bench.connect();
  if (!group) return fail(group.error());
  const auto loaded = load_text_patiently(*group, bench.file("llm"));
  bench.note(out, "load", to_json(loaded));
  std::string answer =
      loaded.model == nullptr
          ? "our model is refused with " + status_text(loaded.status)
          : std::string(
                "our model is loaded: nothing guards the cache, or hailo-ollama holds "
                "none just now;");
  if (loaded.model != nullptr) {
    const auto spoken = say(*loaded.model, kPrompt, kFewTokens);
    bench.note(out, "answer", selftest::to_json(spoken));
    answer += spoken.status == HAILO_SUCCESS ? " it answers"
                                             : " it fails with " + status_text(spoken.status);
  }
  out["result"] = fmt::format("beside hailo-ollama (process {}) {} (only our side is measured)",
                              ollama, answer);
  return out;
}

}  // namespace npu::device::hailort::selftest
