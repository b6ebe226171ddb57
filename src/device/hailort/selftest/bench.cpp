#include "device/hailort/selftest/bench.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "device/hailort/chip/identify.hpp"
#include "device/hailort/chip/readings.hpp"
#include "json/fields.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

constexpr std::chrono::milliseconds kSettle{2000};
constexpr std::chrono::milliseconds kShortSettle{100};

// A VDevice keeps the pointers, and one that hangs lives longer than whoever made it.
const char* for_ever(const std::string& text) {
  static std::set<std::string> all;
  return all.insert(text).first->c_str();
}

hailo_device_id_t* id_for_ever(const std::string& device) {
  static std::map<std::string, hailo_device_id_t> all;
  hailo_device_id_t& id = all[device];
  std::snprintf(id.id, sizeof(id.id), "%s", device.c_str());
  return &id;
}

double at_share(const std::vector<double>& sorted, double share) {
  const auto index = std::lround(share * static_cast<double>(sorted.size() - 1));
  return sorted[static_cast<std::size_t>(index)];
}

}  // namespace

Bench::Bench(const json::object& options, const OnReading& on_reading, std::string device)
    : options_(options),
      on_reading_(on_reading),
      group_id_(file("group_id")),
      device_(std::move(device)) {
  if (group_id_.empty()) group_id_ = "SHARED";
}

std::string Bench::file(std::string_view name) const {
  return std::string(npu::json::Fields(options_).text(name).value_or(""));
}

bool Bench::flag(std::string_view name) const {
  return npu::json::Fields(options_).flag(name).value_or(false);
}

void Bench::note(json::object& out, std::string_view name, json::value reading) const {
  on_reading_(name, reading);
  out[name] = std::move(reading);
}

Result<hailo_vdevice_params_t> Bench::params() const {
  hailo_vdevice_params_t params{};
  if (const auto status = hailo_init_vdevice_params(&params); status != HAILO_SUCCESS) {
    return fail(to_error(status, Operation::kConnect, "parameters of a VDevice"));
  }
  params.group_id = for_ever(group_id_);
  params.device_ids = id_for_ever(device_);
  params.device_count = 1;
  return params;
}

Result<std::shared_ptr<sdk::VDevice>> Bench::connect() const {
  const auto params = this->params();
  if (!params) return fail(params.error());
  auto made = sdk::VDevice::create_shared(*params);
  if (!made.has_value()) {
    return fail(to_error(made.status(), Operation::kConnect, "opening a VDevice on " + device_,
                         connect_detail(made.status())));
  }
  return made.release();
}

Result<std::unique_ptr<sdk::Device>> Bench::readings() const {
  auto made = sdk::Device::create(device_);
  if (!made.has_value()) {
    return fail(to_error(made.status(), Operation::kConnect, "opening " + device_,
                         connect_detail(made.status())));
  }
  return made.release();
}

tl::unexpected<Error> refused(hailo_status status, Operation operation, std::string_view what) {
  return fail(to_error(status, operation, what));
}

json::object skipped(std::string why) { return {{"skipped", std::move(why)}}; }

Answer refused_or_skipped(hailo_status status, Operation operation, std::string_view what) {
  if (status == HAILO_NOT_IMPLEMENTED) {
    return skipped(
        fmt::format("this HailoRT cannot: {}", to_error(status, operation, what).message));
  }
  return refused(status, operation, what);
}

std::optional<std::int64_t> memory_used(sdk::Device& device) {
  const auto load = device.query_performance_stats();
  if (!load.has_value()) return std::nullopt;
  const auto memory = memory_reading(load->ram_size_total, load->ram_size_used);
  if (!memory || !memory->used_bytes) return std::nullopt;
  return static_cast<std::int64_t>(*memory->used_bytes);
}

json::value or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value();
}

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void settle(const Bench& bench) {
  std::this_thread::sleep_for(bench.flag("short") ? kShortSettle : kSettle);
}

json::object status_json(hailo_status status) {
  return {{"status", static_cast<int>(status)}, {"name", status_name(status)}};
}

std::string status_text(hailo_status status) {
  return fmt::format("{} ({})", static_cast<int>(status), status_name(status));
}

json::object spread(std::vector<double> values_ms) {
  json::object out{{"n", values_ms.size()}};
  if (values_ms.empty()) return out;
  std::ranges::sort(values_ms);
  out["min_ms"] = values_ms.front();
  out["p50_ms"] = at_share(values_ms, 0.5);
  out["p90_ms"] = at_share(values_ms, 0.9);
  out["p99_ms"] = at_share(values_ms, 0.99);
  out["max_ms"] = values_ms.back();
  return out;
}

struct Pending::Shared {
  std::function<hailo_status()> call;
  Stopwatch watch;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<hailo_status> status;
  double ms = 0;
};

Pending::Pending(std::function<hailo_status()> call) : shared_(std::make_shared<Shared>()) {
  shared_->call = std::move(call);
  std::thread([shared = shared_] {
    const hailo_status status = shared->call();
    const double ms = shared->watch.ms();
    shared->call = nullptr;
    const std::lock_guard lock(shared->mutex);
    shared->ms = ms;
    shared->status = status;
    shared->changed.notify_all();
  }).detach();
}

json::object Pending::wait(std::chrono::milliseconds deadline) const {
  const std::chrono::duration<double, std::milli> left(static_cast<double>(deadline.count()) -
                                                       shared_->watch.ms());
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, left, [&] { return shared_->status.has_value(); });
  json::object out =
      shared_->status ? status_json(*shared_->status) : json::object{{"hangs", true}};
  out["ms"] = shared_->status ? shared_->ms : shared_->watch.ms();
  return out;
}

json::object bounded(std::function<hailo_status()> call, std::chrono::milliseconds limit) {
  return Pending(std::move(call)).wait(limit);
}

}  // namespace npu::device::hailort::selftest
