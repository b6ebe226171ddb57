// What the manager counts, in Prometheus' form. Names: docs/reference/metrics.md.
//
// Event loop's thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "broker/broker.hpp"
#include "device/device_info.hpp"

namespace npu::manager {

// "depth:scdepthv3.hef", how a model is called there, and in the journal.
std::string model_label(const broker::ModelSpec& model);

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void rejected(const Error& error);
  void finished(const broker::Request& request, const broker::Outcome& outcome);

  struct Now {
    broker::Snapshot snapshot;
    std::optional<device::DeviceInfo> device;
    std::optional<device::Telemetry> telemetry;
    std::size_t clients = 0;
    std::uint64_t shared_bytes = 0;
  };
  // The text exposition, with the gauges set to `now`.
  std::string expose(const Now& now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npu::manager
