#include "manager/status/metrics.hpp"

#include <array>
#include <map>
#include <optional>
#include <unordered_map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/error_table.hpp"
#include "base/priority_name.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"

namespace npu::manager {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// Label values come from clients.
constexpr std::size_t kMaxModels = 256;
constexpr std::size_t kMaxLabel = 128;

const Buckets& latency_buckets() {
  static const Buckets buckets{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                               0.2,    0.5,   1,     2,     5,    10,   30,   120};
  return buckets;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view name_of(broker::RequestKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"load_model", "infer", "unload_model"};
  return kNames[static_cast<std::size_t>(kind)];
}

void raise_to(Counter& counter, std::uint64_t value) {
  counter.Increment(static_cast<double>(value) - counter.Value());
}

using Labels = std::map<std::string, std::string>;

// Without a value there is no line.
void show(Family<Gauge>& family, const Labels& labels, std::optional<double> value) {
  Gauge& gauge = family.Add(labels);
  if (value) {
    gauge.Set(*value);
  } else {
    family.Remove(&gauge);
  }
}

}  // namespace

std::string model_label(const broker::ModelSpec& model) {
  const auto slash = model.path.rfind('/');
  const std::string label =
      model.type + ":" + (slash == std::string::npos ? model.path : model.path.substr(slash + 1));
  return std::string(utf8_prefix(label, kMaxLabel));
}

struct Metrics::Impl {
  // The series of one model, found without building labels again.
  struct PerModel {
    std::string label;
    Histogram* duration = nullptr;
    Counter* busy = nullptr;
    Histogram* load = nullptr;
    std::array<Counter*, 3> ok{};  // by RequestKind
  };

  prometheus::Registry registry;
  Family<Counter>& requests = prometheus::BuildCounter()
                                  .Name("hailo_requests_total")
                                  .Help("Requests answered, by how they ended")
                                  .Register(registry);
  Family<Histogram>& duration =
      prometheus::BuildHistogram()
          .Name("hailo_request_duration_seconds")
          .Help("Successful inferences, from arrival to the device's answer")
          .Register(registry);
  Family<Histogram>& queue_wait = prometheus::BuildHistogram()
                                      .Name("hailo_queue_wait_seconds")
                                      .Help("Waiting for the device, loading not counted")
                                      .Register(registry);
  Family<Gauge>& queue_depth = prometheus::BuildGauge()
                                   .Name("hailo_queue_depth")
                                   .Help("Requests waiting or with a worker")
                                   .Register(registry);
  Family<Counter>& rejections = prometheus::BuildCounter()
                                    .Name("hailo_rejections_total")
                                    .Help("Requests refused on arrival")
                                    .Register(registry);
  Family<Counter>& cancellations = prometheus::BuildCounter()
                                       .Name("hailo_cancellations_total")
                                       .Help("Requests cancelled or out of time")
                                       .Register(registry);
  Family<Counter>& busy = prometheus::BuildCounter()
                              .Name("hailo_device_busy_seconds_total")
                              .Help("Time that workers ran inferences")
                              .Register(registry);
  Family<Histogram>& load = prometheus::BuildHistogram()
                                .Name("hailo_model_load_seconds")
                                .Help("Waiting for a model to become resident")
                                .Register(registry);
  Family<Counter>& evictions = prometheus::BuildCounter()
                                   .Name("hailo_model_evictions_total")
                                   .Help("Models unloaded to make room")
                                   .Register(registry);
  Family<Counter>& retries = prometheus::BuildCounter()
                                 .Name("hailo_retries_total")
                                 .Help("Requests repeated after a worker was lost")
                                 .Register(registry);
  Family<Counter>& restarts = prometheus::BuildCounter()
                                  .Name("hailo_worker_restarts_total")
                                  .Help("Workers replaced")
                                  .Register(registry);
  Family<Gauge>& resident = prometheus::BuildGauge()
                                .Name("hailo_model_resident")
                                .Help("1 for a resident model")
                                .Register(registry);
  Family<Gauge>& memory = prometheus::BuildGauge()
                              .Name("hailo_device_memory_bytes")
                              .Help("The device's memory")
                              .Register(registry);
  Family<Gauge>& utilization = prometheus::BuildGauge()
                                   .Name("hailo_device_utilization_ratio")
                                   .Help("0..1")
                                   .Register(registry);
  Family<Gauge>& temperature = prometheus::BuildGauge()
                                   .Name("hailo_device_temperature_celsius")
                                   .Help("The device's temperature")
                                   .Register(registry);
  Family<Gauge>& shared = prometheus::BuildGauge()
                              .Name("hailo_shm_bytes")
                              .Help("Shared memory mapped for tensors")
                              .Register(registry);
  Family<Gauge>& clients =
      prometheus::BuildGauge().Name("hailo_ipc_clients").Help("Connections").Register(registry);
  Family<Gauge>& up = prometheus::BuildGauge()
                          .Name("hailo_device_up")
                          .Help("1 while there is a device and nothing is wrong with it")
                          .Register(registry);
  Family<Gauge>& device = prometheus::BuildGauge()
                              .Name("hailo_device_info")
                              .Help("1 for the device that there is")
                              .Register(registry);
  Family<Gauge>& refused = prometheus::BuildGauge()
                               .Name("hailo_models_refused")
                               .Help("Models that are refused for a while, for they end workers")
                               .Register(registry);
  Family<Gauge>& build =
      prometheus::BuildGauge().Name("hailo_build_info").Help("Always 1").Register(registry);
  std::array<Histogram*, 3> wait{};  // by Priority
  std::unordered_map<std::string, PerModel> models;
  Labels told_device;

  Impl() {
    build.Add({{"version", version()}}).Set(1);
    for (const auto priority :
         {broker::Priority::kRealtime, broker::Priority::kInteractive, broker::Priority::kBatch}) {
      wait[static_cast<std::size_t>(priority)] =
          &queue_wait.Add({{"priority", std::string(name_of(priority))}}, latency_buckets());
    }
  }

  PerModel& model(const broker::ModelSpec& spec) {
    const auto found = models.find(spec.key);
    if (found != models.end()) return found->second;
    const bool full = models.size() >= kMaxModels;
    const std::string label = full ? "other" : model_label(spec);
    PerModel& made = models[full ? label : spec.key];
    if (made.duration != nullptr) return made;
    made.label = label;
    made.duration = &duration.Add({{"model", label}}, latency_buckets());
    made.busy = &busy.Add({{"model", label}});
    made.load = &load.Add({{"model", label}}, latency_buckets());
    for (std::size_t i = 0; i < made.ok.size(); ++i) {
      const auto kind = static_cast<broker::RequestKind>(i);
      made.ok[i] = &requests.Add(
          {{"action", std::string(name_of(kind))}, {"model", label}, {"outcome", "ok"}});
    }
    return made;
  }

  // One line at most: firmware may be updated, and a device go.
  void tell_device(const std::optional<device::DeviceInfo>& info) {
    Labels labels;
    if (info) {
      labels = {
          {"kind", info->kind}, {"architecture", info->architecture}, {"firmware", info->firmware}};
    }
    if (!told_device.empty() && told_device != labels) show(device, told_device, std::nullopt);
    if (info) show(device, labels, 1);
    told_device = std::move(labels);
  }

  void failed(broker::RequestKind kind, const Error& error) {
    const std::string outcome(wire_name(error.code));
    requests.Add({{"action", std::string(name_of(kind))}, {"model", ""}, {"outcome", outcome}})
        .Increment();
    if (error.code == ErrorCode::kCancelled || error.code == ErrorCode::kDeadlineExceeded) {
      cancellations.Add({{"reason", outcome}}).Increment();
    }
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::rejected(const Error& error) {
  impl_->rejections.Add({{"reason", std::string(wire_name(error.code))}}).Increment();
}

void Metrics::finished(const broker::Request& request, const broker::Outcome& outcome) {
  if (!outcome.status) return impl_->failed(request.kind, outcome.status.error());
  Impl::PerModel& model = impl_->model(request.model);
  model.ok[static_cast<std::size_t>(request.kind)]->Increment();
  if (request.kind == broker::RequestKind::kUnload) return;
  if (outcome.loading > Duration{}) model.load->Observe(seconds(outcome.loading));
  if (request.kind != broker::RequestKind::kInfer) return;
  impl_->wait[static_cast<std::size_t>(request.priority)]->Observe(seconds(outcome.queued));
  model.duration->Observe(seconds(outcome.queued + outcome.loading + outcome.running));
  model.busy->Increment(seconds(outcome.running));
}

std::string Metrics::expose(const Now& now) {
  Impl& m = *impl_;
  const broker::Snapshot& snapshot = now.snapshot;
  m.queue_depth.Add({{"state", "waiting"}}).Set(static_cast<double>(snapshot.queued));
  m.queue_depth.Add({{"state", "running"}}).Set(static_cast<double>(snapshot.running));
  raise_to(m.evictions.Add({}), snapshot.evictions);
  raise_to(m.retries.Add({}), snapshot.retries);
  raise_to(m.restarts.Add({}), snapshot.lane_restarts);
  m.clients.Add({}).Set(static_cast<double>(now.clients));
  m.shared.Add({}).Set(static_cast<double>(now.shared_bytes));
  m.up.Add({}).Set(now.device && !snapshot.broken_reason ? 1 : 0);
  m.tell_device(now.device);
  m.refused.Add({}).Set(static_cast<double>(snapshot.refused.size()));
  double used = 0;
  for (auto& [key, model] : m.models) m.resident.Add({{"model", model.label}}).Set(0);
  for (const auto& status : snapshot.models) {
    m.resident.Add({{"model", m.model(status.model).label}}).Set(1);
    used += static_cast<double>(status.memory_bytes);
  }
  m.memory.Add({{"kind", "models"}}).Set(used);
  if (now.device)
    m.memory.Add({{"kind", "total"}}).Set(static_cast<double>(now.device->memory_bytes));
  const device::Telemetry readings = now.telemetry.value_or(device::Telemetry{});
  show(m.memory, {{"kind", "used"}}, readings.memory_used_bytes);
  show(m.utilization, {}, readings.utilisation);
  show(m.temperature, {}, readings.temperature_celsius);
  return prometheus::TextSerializer().Serialize(m.registry.Collect());
}

}  // namespace npu::manager
