// What the chip's memory does: when a vision model is dropped, and in what unit it is told.
#include <algorithm>

#include <fmt/format.h>

#include "device/hailort/checks/asked.hpp"
#include "device/hailort/checks/vision_bench.hpp"
#include "device/hailort/chip/readings.hpp"

namespace npu::device::hailort::checks {
namespace json = boost::json;
namespace {

// Less than this is what other things on the chip do meanwhile.
constexpr std::int64_t kNoise = 2'000'000;

std::string freed(const std::optional<std::int64_t>& before,
                  const std::optional<std::int64_t>& after) {
  if (!before || !after) return "unknown";
  const std::int64_t bytes = *before - *after;
  return bytes > kNoise ? megabytes(bytes) : "nothing";
}

}  // namespace

Answer drop_vision_model(const Bench& bench) {
  auto device = Bench::readings();
  if (!device) return fail(device.error());
  auto group = bench.connect();
  if (!group) return fail(group.error());
  json::object out;
  const auto empty = memory_used(**device);
  double load_ms = 0;
  hailo_status ran = HAILO_UNINITIALIZED;
  std::optional<std::int64_t> loaded;
  {
    auto model = VisionModel::load(**group, bench.file("hef"));
    if (!model) return fail(model.error());
    ran = model->run();
    load_ms = model->load_ms();
    loaded = memory_used(**device);
  }
  settle(bench);
  const auto dropped = memory_used(**device);
  double again_ms = 0;
  if (auto again = VisionModel::load(**group, bench.file("hef"))) again_ms = again->load_ms();
  group->reset();
  settle(bench);
  const auto released = memory_used(**device);
  out["run"] = status_json(ran);
  out["used_empty"] = or_null(empty);
  out["used_loaded"] = or_null(loaded);
  out["used_dropped"] = or_null(dropped);
  out["used_group_released"] = or_null(released);
  out["load_ms"] = load_ms;
  out["load_again_ms"] = again_ms;
  out["result"] = fmt::format("dropping the model frees {}, releasing the group frees {}",
                              freed(loaded, dropped), freed(dropped, released));
  return out;
}

Answer unit_of_memory(const Bench& bench) {
  auto device = Bench::readings();
  if (!device) return fail(device.error());
  const auto load = (*device)->query_performance_stats();
  if (!load.has_value()) {
    return fail(to_error(load.status(), Operation::kReadings, "query_performance_stats"));
  }
  json::object out{{"ram_size_total", load->ram_size_total},
                   {"ram_size_used", load->ram_size_used}};
  const auto unit = memory_unit(load->ram_size_total);
  out["unit_bytes"] = unit;
  std::string answer = unit == 0   ? "the unit is neither bytes nor KiB"
                       : unit == 1 ? "the unit is bytes"
                                   : "the unit is KiB";
  if (const std::string path = bench.file("hef"); !path.empty()) {
    const auto before = memory_used(**device);
    {
      auto group = bench.connect();
      if (!group) return fail(group.error());
      if (auto model = VisionModel::load(**group, path); !model) return fail(model.error());
    }
    settle(bench);
    const auto after = memory_used(**device);
    out["used_before_a_model"] = or_null(before);
    out["used_after_it_and_its_group"] = or_null(after);
    if (before && after) {
      answer += fmt::format("; after a model came and went {} more are in use (page cache)",
                            megabytes(std::max<std::int64_t>(*after - *before, 0)));
    }
  }
  out["result"] = answer;
  return out;
}

}  // namespace npu::device::hailort::checks
