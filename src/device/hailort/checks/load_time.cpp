// How long files load, from the card and from memory.
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"
#include "device/hailort/checks/asked.hpp"
#ifdef NPU_HAILORT_GENAI
#include "device/hailort/checks/genai_bench.hpp"
#endif

namespace npu::device::hailort::checks {
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
};

Timed load_vision(sdk::VDevice& device, const std::string& path) {
  const Stopwatch watch;
  const auto model = device.create_infer_model(path);
  const auto status = model.has_value() ? model.value()->configure().status() : model.status();
  return {status, watch.ms()};
}

#ifdef NPU_HAILORT_GENAI
Timed load_generative(const std::shared_ptr<sdk::VDevice>& device, const std::string& kind,
                      const std::string& path) {
  const Loaded loaded = load_patiently([&] {
    if (kind == "vlm") return genai::VLM::create(device, genai::VLMParams(path)).status();
    if (kind == "speech") {
      return genai::Speech2Text::create(device, genai::Speech2TextParams(path)).status();
    }
    return load_text(device, path).status;
  });
  return {loaded.status, loaded.ms};
}
#else
Timed load_generative(const std::shared_ptr<sdk::VDevice>&, const std::string&,
                      const std::string&) {
  return {HAILO_NOT_SUPPORTED, 0};
}
#endif

// Loads on a connection of its own and drops both, so that nothing of it stays on the chip.
Result<json::object> load_once(const Bench& bench, const std::string& kind,
                               const std::string& path) {
  Timed timed;
  {
    auto group = bench.connect();
    if (!group) return fail(group.error());
    timed = kind == "hef" ? load_vision(**group, path) : load_generative(*group, kind, path);
  }
  settle(bench);
  json::object out = status_json(timed.status);
  out["ms"] = timed.ms;
  return out;
}

}  // namespace

Answer load_times(const Bench& bench) {
  json::object out;
  std::string answer;
  for (const char* kind : {"hef", "llm", "llm2", "vlm", "speech"}) {
    const std::string path = bench.file(kind);
    if (path.empty()) continue;
    make_cold(path);
    json::object one{{"file", std::filesystem::path(path).filename().string()}};
    for (const char* cache : {"cold", "warm"}) {
      auto loaded = load_once(bench, kind, path);
      if (!loaded) return fail(loaded.error());
      one[cache] = std::move(*loaded);
    }
    answer += fmt::format("{}{} {:.1f} s cold, {:.1f} s warm", answer.empty() ? "" : "; ", kind,
                          one.at("cold").at("ms").as_double() / 1000,
                          one.at("warm").at("ms").as_double() / 1000);
    out[kind] = std::move(one);
  }
  out["result"] = answer;
  return out;
}

}  // namespace npu::device::hailort::checks
