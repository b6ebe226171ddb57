// A conversation put aside and taken up again, and a model whose connection is gone.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/genai_bench.hpp"
#include "device/hailort/selftest/vision_bench.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

using Note = std::function<void(json::object& out, std::string_view name, json::value reading)>;

constexpr const char* kAboutPicture =
    "<|vision_start|><|image_pad|><|vision_end|>What is in the picture?";

template <class Model>
json::value tokens_of(Model& model) {
  const auto used = model.get_context_usage_size();
  return used.has_value() ? json::value(used.value()) : json::value();
}

// From the context that there is; pictures may be none.
Spoken ask(genai::VLM& model, const std::string& prompt,
           const std::vector<sdk::MemoryView>& pictures) {
  Spoken out;
  auto params = model.create_generator_params();
  out.status = params.status();
  if (!params.has_value()) return out;
  params->set_do_sample(false);
  params->set_max_generated_tokens(kFewTokens);
  auto generator = model.create_generator(params.value());
  out.status = generator.status();
  if (!generator.has_value()) return out;
  auto completion = generator->generate(prompt, pictures);
  out.status = completion.status();
  if (!completion.has_value()) return out;
  using Status = genai::LLMGeneratorCompletion::Status;
  while (completion->generation_status() == Status::GENERATING) {
    const auto piece = completion->read(std::chrono::seconds(60));
    out.status = piece.status();
    if (!piece.has_value()) return out;
    ++out.pieces;
    out.text += piece.value();
  }
  return out;
}

// Saves the context of a model that has just answered, empties it, takes it up again and goes on.
// {"result", ...}, told to `note` one by one.
template <class Model>
Answer put_aside(Model& model, const std::function<Spoken()>& go_on, const Note& note) {
  json::object out;
  note(out, "tokens", tokens_of(model));
  const Stopwatch saving;
  const auto saved = model.save_context();
  note(out, "save_ms", saving.ms());
  if (!saved.has_value()) {
    return refused_or_skipped(saved.status(), Operation::kRun, "save_context");
  }
  note(out, "bytes", saved.value()->size());
  if (const auto cleared = model.clear_context(); cleared != HAILO_SUCCESS) {
    return refused(cleared, Operation::kRun, "clearing the context");
  }
  note(out, "tokens_cleared", tokens_of(model));
  const Stopwatch loading;
  const auto status =
      model.load_context(sdk::MemoryView(saved.value()->data(), saved.value()->size()));
  note(out, "load_ms", loading.ms());
  note(out, "load", status_json(status));
  note(out, "tokens_loaded", tokens_of(model));
  if (status != HAILO_SUCCESS) {
    out["result"] = "loading it again fails with " + status_text(status);
    return out;
  }
  const auto after = go_on();
  note(out, "answer_after_loading", to_json(after));
  note(out, "tokens_after_answer", tokens_of(model));
  out["result"] =
      fmt::format("{} for {} tokens; saved in {:.0f} ms, loaded in {:.0f} ms; then the model {}",
                  megabytes(static_cast<std::int64_t>(saved.value()->size())),
                  json::serialize(out.at("tokens")), out.at("save_ms").as_double(),
                  out.at("load_ms").as_double(),
                  after.status == HAILO_SUCCESS ? "goes on from it"
                                                : "fails with " + status_text(after.status));
  return out;
}

Answer language_model(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  const auto spoken = say(**model, long_prompt(200), kFewTokens);
  if (spoken.status != HAILO_SUCCESS) {
    return fail(to_error(spoken.status, Operation::kRun, "an answer"));
  }
  return put_aside(
      **model, [&] { return go_on(**model, kPrompt, kFewTokens); },
      [&](json::object& out, std::string_view name, json::value reading) {
        bench.note(out, name, std::move(reading));
      });
}

// With a picture in the context, about which the question after loading is asked.
Answer vision_language_model(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  std::unique_ptr<genai::VLM> model;
  const auto loaded = load_patiently([&] {
    auto made = genai::VLM::create(*group, genai::VLMParams(bench.file("vlm")));
    if (made.has_value()) model = std::make_unique<genai::VLM>(made.release());
    return made.status();
  });
  if (model == nullptr) return refused(loaded.status, Operation::kLoadText, "loading the VLM");
  const Pages picture(model->input_frame_size(), Pages::Kind::kAnonymous);
  if (picture.data() == nullptr) return fail(ErrorCode::kInternal, "no memory for a picture");
  const auto spoken =
      ask(*model, kAboutPicture, {sdk::MemoryView(picture.data(), model->input_frame_size())});
  if (spoken.status != HAILO_SUCCESS) {
    return refused(spoken.status, Operation::kRun, "an answer about a picture");
  }
  json::object all;
  return put_aside(
      *model, [&] { return ask(*model, "And what else?", {}); },
      [&](json::object& out, std::string_view name, json::value reading) {
        out[name] = std::move(reading);
        bench.note(all, "vlm", out);
      });
}

}  // namespace

Answer save_context(const Bench& bench) {
  auto out = language_model(bench);
  if (!out || out->contains("skipped") || bench.file("vlm").empty()) return out;
  const auto vlm = vision_language_model(bench);
  if (!vlm) return fail(vlm.error());
  const std::string of_vlm =
      vlm->contains("result") ? std::string(vlm->at("result").as_string()) : "this HailoRT cannot";
  (*out)["result"] = fmt::format("{}; vision-language model: {}",
                                 std::string(out->at("result").as_string()), of_vlm);
  (*out)["vlm"] = *vlm;
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

}  // namespace npu::device::hailort::selftest
