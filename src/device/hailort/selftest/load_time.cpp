// How long files load, from the card and from memory.
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"
#include "device/hailort/selftest/checks.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/selftest/genai_bench.hpp"
#endif

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

// Drops the file from the kernel's page cache. Clean pages need no privilege.
void make_cold(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return;
  ::fsync(file.get());
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
}

struct Timed {
  hailo_status status = HAILO_SUCCESS;
  double ms = 0;
  std::shared_ptr<void> model;  // dropped after the time is taken: that asks the chip, too
};

Timed load_vision(sdk::VDevice& device, const std::string& path) {
  struct Both {
    std::shared_ptr<sdk::InferModel> model;
    sdk::ConfiguredInferModel configured;
  };
  const auto both = std::make_shared<Both>();
  const Stopwatch watch;
  auto model = device.create_infer_model(path);
  if (!model.has_value()) return {model.status(), watch.ms(), nullptr};
  both->model = model.release();
  auto configured = both->model->configure();
  if (!configured.has_value()) return {configured.status(), watch.ms(), both};
  both->configured = configured.release();
  return {HAILO_SUCCESS, watch.ms(), both};
}

#ifdef NPU_HAILORT_GENAI
template <class T>
hailo_status keep(sdk::Expected<T> made, std::shared_ptr<void>& model) {
  const hailo_status status = made.status();
  if (made.has_value()) model = std::make_shared<T>(made.release());
  return status;
}

Timed load_generative(const std::shared_ptr<sdk::VDevice>& device, const std::string& kind,
                      const std::string& path) {
  Timed out;
  const Loaded loaded = load_patiently([&] {
    if (kind == "vlm") return keep(genai::VLM::create(device, genai::VLMParams(path)), out.model);
    if (kind == "speech") {
      return keep(genai::Speech2Text::create(device, genai::Speech2TextParams(path)), out.model);
    }
    return keep(genai::LLM::create(device, genai::LLMParams(path)), out.model);
  });
  out.status = loaded.status;
  out.ms = loaded.ms;
  return out;
}
#else
Timed load_generative(const std::shared_ptr<sdk::VDevice>&, const std::string&,
                      const std::string&) {
  return {HAILO_NOT_SUPPORTED, 0, nullptr};
}
#endif

// Loads on a connection of its own and drops both, so that nothing of it stays on the chip.
Result<json::object> load_once(const Bench& bench, const std::string& kind,
                               const std::string& path) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  Timed timed = kind == "hef" ? load_vision(**group, path) : load_generative(*group, kind, path);
  json::object out = status_json(timed.status);
  out["ms"] = timed.ms;
  const Stopwatch dropping;
  timed.model.reset();
  group->reset();
  out["drop_ms"] = dropping.ms();
  settle(bench);
  return out;
}

hailo_status status_in(const json::object& loaded) {
  return static_cast<hailo_status>(loaded.at("status").as_int64());
}

}  // namespace

Answer load_times(const Bench& bench) {
  json::object out;
  std::string answer;
  std::string failures;
  for (const char* kind : {"hef", "llm", "llm2", "vlm", "speech"}) {
    const std::string path = bench.file(kind);
    if (path.empty()) continue;
    make_cold(path);
    json::object one{{"file", std::filesystem::path(path).filename().string()}};
    hailo_status status = HAILO_SUCCESS;
    for (const char* cache : {"cold", "warm"}) {
      auto loaded = load_once(bench, kind, path);
      if (!loaded) return fail(loaded.error());
      if (status == HAILO_SUCCESS) status = status_in(*loaded);
      one[cache] = std::move(*loaded);
      bench.note(out, kind, one);
    }
    if (status != HAILO_SUCCESS) {
      failures += fmt::format("{}{} does not load: {}", failures.empty() ? "" : "; ", kind,
                              status_text(status));
      continue;
    }
    answer += fmt::format("{}{} {:.1f} s cold, {:.1f} s warm", answer.empty() ? "" : "; ", kind,
                          one.at("cold").at("ms").as_double() / 1000,
                          one.at("warm").at("ms").as_double() / 1000);
  }
  if (!failures.empty()) {
    return fail(ErrorCode::kUnavailable, failures + (answer.empty() ? "" : "; " + answer));
  }
  out["result"] = answer;
  return out;
}

}  // namespace npu::device::hailort::selftest
