// What the chip's memory does: when a vision model is dropped, and in what unit it is told.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "device/hailort/chip/readings.hpp"
#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/vision_bench.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

// Less than this is what other things on the chip do meanwhile.
constexpr std::int64_t kNoise = 2'000'000;

std::string changed(const std::optional<std::int64_t>& more,
                    const std::optional<std::int64_t>& less) {
  if (!more || !less) return "an unknown amount";
  const std::int64_t bytes = *more - *less;
  return bytes > kNoise ? megabytes(bytes) : "nothing";
}

std::uintmax_t bytes_of(const std::string& path) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  return failed ? 0 : bytes;
}

}  // namespace

Answer drop_vision_model(const Bench& bench) {
  auto device = bench.readings();
  if (!device) return fail(device.error());
  auto group = bench.connect();
  if (!group) return fail(group.error());
  json::object out;
  const auto measure = [&](const char* name) {
    const auto used = memory_used(**device);
    bench.note(out, name, or_null(used));
    return used;
  };
  const auto empty = measure("used_empty");
  std::optional<VisionModel> model;
  const auto load = [&](const char* time) -> Status {
    auto loaded = VisionModel::load(**group, bench.file("hef"));
    if (!loaded) return fail(loaded.error());
    model.emplace(std::move(*loaded));
    bench.note(out, time, model->load_ms());
    if (const auto ran = model->run(); ran != HAILO_SUCCESS) {
      return refused(ran, Operation::kRun, "running the model");
    }
    return {};
  };
  if (auto first = load("load_ms"); !first) return fail(first.error());
  const auto loaded = measure("used_loaded");
  model.reset();
  settle(bench);
  const auto dropped = measure("used_dropped");
  if (auto again = load("load_again_ms"); !again) return fail(again.error());
  const auto reloaded = measure("used_reloaded");
  model.reset();
  group->reset();
  settle(bench);
  const auto released = measure("used_group_released");
  if (!empty || !loaded || !dropped || !reloaded || !released) {
    return fail(ErrorCode::kUnavailable, "the chip does not tell how much memory is in use");
  }
  out["result"] = fmt::format(
      "dropping the model frees {}, loading it again takes {}, releasing the group "
      "frees {}",
      changed(loaded, dropped), changed(reloaded, dropped), changed(reloaded, released));
  return out;
}

Answer unit_of_memory(const Bench& bench) {
  auto device = bench.readings();
  if (!device) return fail(device.error());
  const auto load = (*device)->query_performance_stats();
  if (!load.has_value()) {
    return refused_or_skipped(load.status(), Operation::kReadings, "query_performance_stats");
  }
  json::object out;
  bench.note(out, "ram_size_total", load->ram_size_total);
  bench.note(out, "ram_size_used", load->ram_size_used);
  const auto unit = memory_unit(load->ram_size_total);
  bench.note(out, "unit_bytes", unit);
  if (unit == 0) {
    out["result"] = fmt::format("a total of {} is neither in bytes nor in KiB what such a chip has",
                                load->ram_size_total);
    return out;
  }
  std::string answer = fmt::format(
      "a total of {} can only be {}: {}", load->ram_size_total, unit == 1 ? "bytes" : "KiB",
      megabytes(static_cast<std::int64_t>(load->ram_size_total) * unit));
  if (const std::string path = bench.file("hef"); !path.empty()) {
    const auto before = memory_used(**device);
    bench.note(out, "used_before_a_model", or_null(before));
    {
      auto group = bench.connect();
      if (!group) return fail(group.error());
      if (auto model = VisionModel::load(**group, path); !model) return fail(model.error());
    }
    settle(bench);
    const auto after = memory_used(**device);
    bench.note(out, "used_after_it_and_its_group", or_null(after));
    if (before && after) {
      answer += fmt::format(
          "; after a model of {} came and went, {} more is in use: cache of the "
          "chip's system, or not given back",
          megabytes(static_cast<std::int64_t>(bytes_of(path))),
          megabytes(std::max<std::int64_t>(*after - *before, 0)));
    }
  }
  out["result"] = answer;
  return out;
}

}  // namespace npu::device::hailort::selftest
