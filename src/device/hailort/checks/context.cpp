// A conversation put aside and taken up again, and a model whose connection is gone.
#include <fmt/format.h>

#include "device/hailort/checks/asked.hpp"
#include "device/hailort/checks/genai_bench.hpp"

namespace npu::device::hailort::checks {
namespace json = boost::json;
namespace {

json::value tokens_of(genai::LLM& model) {
  const auto used = model.get_context_usage_size();
  return used.has_value() ? json::value(used.value()) : json::value();
}

}  // namespace

Answer save_context(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  const auto spoken = say(**model, long_prompt(200), kFewTokens);
  if (spoken.status != HAILO_SUCCESS) {
    return fail(to_error(spoken.status, Operation::kRun, "an answer"));
  }
  json::object out{{"tokens", tokens_of(**model)}};

  const Stopwatch saving;
  const auto saved = (*model)->save_context();
  out["save_ms"] = saving.ms();
  if (!saved.has_value()) return fail(to_error(saved.status(), Operation::kRun, "save_context"));
  out["bytes"] = saved.value()->size();
  (*model)->clear_context();
  out["tokens_cleared"] = tokens_of(**model);
  const Stopwatch loading;
  const auto status =
      (*model)->load_context(sdk::MemoryView(saved.value()->data(), saved.value()->size()));
  out["load_ms"] = loading.ms();
  out["load"] = status_json(status);
  out["tokens_loaded"] = tokens_of(**model);
  out["result"] = fmt::format("{} for {} tokens; saved in {:.0f} ms, loaded in {:.0f} ms",
                              megabytes(static_cast<std::int64_t>(saved.value()->size())),
                              json::serialize(out.at("tokens")), out.at("save_ms").as_double(),
                              out.at("load_ms").as_double());
  if (status != HAILO_SUCCESS) out["result"] = "loading it again fails with " + status_text(status);
  return out;
}

Answer connection_dropped(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  const long holders = group->use_count() - 1;  // the model may keep it for itself
  group->reset();
  settle(bench);
  const auto spoken = say(**model, kPrompt, kFewTokens);
  json::object out{{"model_keeps_it", holders > 0}, {"answer", to_json(spoken)}};
  out["result"] = fmt::format(
      "without the VDevice the model {}{}",
      spoken.status == HAILO_SUCCESS ? "works on" : "fails with " + status_text(spoken.status),
      holders > 0 ? " (it holds the VDevice itself)" : "");
  return out;
}

}  // namespace npu::device::hailort::checks
