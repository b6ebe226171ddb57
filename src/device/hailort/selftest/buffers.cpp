// What kind of memory a picture should lie in.
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/vision_bench.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

constexpr std::pair<const char*, Pages::Kind> kKinds[] = {
    {"private", Pages::Kind::kAnonymous},
    {"memfd", Pages::Kind::kMemfd},
    {"unaligned", Pages::Kind::kUnaligned},
};

// Maps the inputs of a model for DMA while it lives.
class Mapped {
 public:
  Mapped(sdk::VDevice& device, const VisionModel& model) : device_(device), model_(model) {
    for (const auto& input : model.inputs()) {
      status_ = device.dma_map(input.data(), input.size(), HAILO_DMA_BUFFER_DIRECTION_H2D);
      if (status_ != HAILO_SUCCESS) return;
      ++count_;
    }
  }
  ~Mapped() {
    for (std::size_t i = 0; i < count_; ++i) {
      const auto& input = model_.inputs()[i];
      device_.dma_unmap(input.data(), input.size(), HAILO_DMA_BUFFER_DIRECTION_H2D);
    }
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  hailo_status status() const { return status_; }

 private:
  sdk::VDevice& device_;
  const VisionModel& model_;
  hailo_status status_ = HAILO_SUCCESS;
  std::size_t count_ = 0;
};

// before: what is done for each frame besides.
Result<json::object> measure(
    VisionModel& model, int frames, const std::function<void()>& before = [] {}) {
  std::vector<double> times;
  const Stopwatch all;
  for (int i = 0; i < frames; ++i) {
    const Stopwatch one;
    before();
    if (const auto status = model.run(); status != HAILO_SUCCESS) {
      return fail(to_error(status, Operation::kRun, "a picture"));
    }
    times.push_back(one.ms());
  }
  const double fps = frames * 1000.0 / all.ms();
  json::object out{{"fps", fps}};
  out["times"] = spread(std::move(times));
  return out;
}

Result<json::object> measure_pipelined(VisionModel& model, int frames) {
  const Stopwatch all;
  if (const auto status = model.run_pipelined(frames); status != HAILO_SUCCESS) {
    return fail(to_error(status, Operation::kRun, "pictures one behind the other"));
  }
  return json::object{{"fps", frames * 1000.0 / all.ms()}};
}

Result<VisionModel> load_and_run(const Bench& bench, sdk::VDevice& group, Pages::Kind kind) {
  auto model = VisionModel::load(group, bench.file("hef"), kind);
  if (!model) return model;
  if (const auto status = model->run(); status != HAILO_SUCCESS) {  // the first configures the rest
    return refused(status, Operation::kRun, "a picture");
  }
  return model;
}

// What a program does that cannot hand over the memory in which pictures arrive.
Result<json::object> measure_copied(VisionModel& model, int frames) {
  std::vector<Pages> arrived;
  for (const auto& input : model.inputs()) {
    arrived.emplace_back(input.size(), Pages::Kind::kMemfd);
    if (arrived.back().data() == nullptr)
      return fail(ErrorCode::kInternal, "no memory for a frame");
  }
  return measure(model, frames, [&] {
    for (std::size_t i = 0; i < arrived.size(); ++i) {
      std::memcpy(model.inputs()[i].data(), arrived[i].data(), arrived[i].size());
    }
  });
}

}  // namespace

Answer shared_memory_input(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  const int frames = bench.repeat(500, 30);
  json::object out;
  const auto add = [&](const std::string& name, Result<json::object> measured) -> Status {
    if (!measured) return fail(measured.error());
    bench.note(out, name, std::move(*measured));
    return {};
  };
  for (const auto& [name, kind] : kKinds) {
    auto model = load_and_run(bench, **group, kind);
    if (!model) return fail(model.error());
    if (auto done = add(name, measure(*model, frames)); !done) return fail(done.error());
    const std::string pipelined = fmt::format("{}_pipelined", name);
    if (auto done = add(pipelined, measure_pipelined(*model, frames)); !done) {
      return fail(done.error());
    }
    if (kind == Pages::Kind::kUnaligned) continue;
    if (kind == Pages::Kind::kAnonymous) {
      if (auto done = add("copied", measure_copied(*model, frames)); !done) {
        return fail(done.error());
      }
    }
    const Mapped mapped(**group, *model);
    json::object with_map{{"dma_map", status_json(mapped.status())}};
    if (mapped.status() == HAILO_SUCCESS) {
      auto measured = measure(*model, frames);
      if (!measured) return fail(measured.error());
      with_map.insert(measured->begin(), measured->end());
    }
    bench.note(out, fmt::format("{}_mapped", name), std::move(with_map));
  }
  const auto fps = [&](const char* name) {
    const auto* value = out.at(name).as_object().if_contains("fps");
    return value != nullptr ? fmt::format("{:.1f}", value->as_double()) : std::string("refused");
  };
  out["result"] = fmt::format(
      "frames a second: private memory {}, mapped for DMA {}, copied into it {}; memfd {}, mapped "
      "{}; within a page {}; two at a time: private {}, memfd {}, within a page {}",
      fps("private"), fps("private_mapped"), fps("copied"), fps("memfd"), fps("memfd_mapped"),
      fps("unaligned"), fps("private_pipelined"), fps("memfd_pipelined"),
      fps("unaligned_pipelined"));
  return out;
}

}  // namespace npu::device::hailort::selftest
