// What kind of memory a picture should lie in.
#include <fmt/format.h>

#include "device/hailort/checks/asked.hpp"
#include "device/hailort/checks/vision_bench.hpp"

namespace npu::device::hailort::checks {
namespace json = boost::json;
namespace {

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

Result<json::object> measure(VisionModel& model, int frames) {
  std::vector<double> times;
  const Stopwatch all;
  for (int i = 0; i < frames; ++i) {
    const Stopwatch one;
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

}  // namespace

Answer shared_memory_input(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  const int frames = bench.repeat(500, 30);
  json::object out;
  for (const auto kind : {Pages::Kind::kAnonymous, Pages::Kind::kMemfd}) {
    const std::string name = kind == Pages::Kind::kMemfd ? "memfd" : "private";
    auto model = VisionModel::load(**group, bench.file("hef"), kind);
    if (!model) return fail(model.error());
    model->run();  // the first configures the rest
    auto plain = measure(*model, frames);
    if (!plain) return fail(plain.error());
    out[name] = std::move(*plain);
    const Mapped mapped(**group, *model);
    json::object with_map{{"dma_map", status_json(mapped.status())}};
    if (mapped.status() == HAILO_SUCCESS) {
      auto measured = measure(*model, frames);
      if (!measured) return fail(measured.error());
      with_map.insert(measured->begin(), measured->end());
    }
    out[name + "_mapped"] = std::move(with_map);
  }
  const auto fps = [&](const char* name) {
    const auto* value = out.at(name).as_object().if_contains("fps");
    return value != nullptr ? fmt::format("{:.1f}", value->as_double()) : std::string("refused");
  };
  out["result"] =
      fmt::format("frames a second: private memory {}, mapped for DMA {}; memfd {}, mapped {}",
                  fps("private"), fps("private_mapped"), fps("memfd"), fps("memfd_mapped"));
  return out;
}

}  // namespace npu::device::hailort::checks
