// The broker's lanes: one worker process each, started on demand, replaced when lost.
//
// Event loop's thread only. Nothing answers from inside a call; answers go to broker::LaneReports.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "broker/lane_reports.hpp"
#include "broker/types.hpp"
#include "manager/lanes/low_descriptors.hpp"
#include "manager/lanes/worker_link.hpp"
#include "manager/memory/slab_pool.hpp"

namespace npu::manager {

struct LaneOptions {
  std::string worker;                  // the program
  std::string device;                  // its kind, or "auto" until keep_to()
  std::vector<std::string> arguments;  // all but --lane, --link-fd and --device
  Duration start_timeout = std::chrono::seconds(60);
  Duration end_timeout = std::chrono::seconds(10);  // after SIGKILL
  // How a worker is started: as a process, but in tests.
  std::function<decltype(WorkerProcess::spawn)> spawn = WorkerProcess::spawn;
};

class Lanes final : public broker::LanePort, private WorkerLink::Owner {
 public:
  // What is to be known of the device and its workers beside what the broker is told, which has
  // heard of it before. Called from the event loop, never from inside a call to Lanes.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void worker_up(Lane lane, const device::DeviceInfo& info) = 0;
    // why: as broker::LaneReports::lost takes it.
    virtual void worker_lost(Lane lane, const Error& why) = 0;
    virtual void worker_stuck(Lane lane, const std::string& reason) = 0;
    virtual void device_read(const device::Telemetry& readings) = 0;
    virtual void settle() = 0;
  };

  Lanes(boost::asio::io_context& io, LaneOptions options, RegionRegistry& regions, SlabPool& slabs,
        Watcher& watcher);
  ~Lanes() override;

  // Who hears the answers. Call once, before the first order.
  void report_to(broker::LaneReports& reports) { reports_ = &reports; }

  void load(Lane lane, broker::JobId job, const broker::ModelSpec& model) override;
  void infer(Lane lane, broker::JobId job, const broker::ModelSpec& model,
             const broker::Request& request, Priority rank) override;
  void unload(Lane lane, broker::JobId job, const broker::ModelSpec& model) override;
  void release_group(Lane lane, broker::JobId job) override;
  void telemetry(Lane lane, broker::JobId job) override;
  void abort(Lane lane, broker::JobId job) override;
  // Where the worker is already up, or on its way, this only leads to (another) up().
  void start(Lane lane) override;
  void kill(Lane lane, const std::string& reason) override;

  // From now on workers open this kind of device and no other.
  void keep_to(const std::string& device_kind) { options_.device = device_kind; }
  bool resident(const std::string& key) const { return resident_.contains(key); }

  // The connection is closed and its requests are cancelled: what models keep for it is dropped.
  void forget_client(broker::ConnectionId client);

  // Lets all workers end, and starts none any more; `done` is called when they have, or when those
  // that have not after `patience` were killed and do not end either.
  void stop(Duration patience, std::function<void()> done);

 private:
  struct Slot {
    std::shared_ptr<WorkerLink> link;
    int pid = 0;
    std::optional<device::DeviceInfo> info;  // once it is ready
    std::string trouble;                     // why the last one did not come up; "" if it did
    bool stuck = false;
    bool lost_pending = false;  // it could not be started and that is still to be told
    std::unique_ptr<boost::asio::steady_timer> start_timer;
    std::unordered_set<std::string> keys;  // resident models
  };

  Slot& slot(Lane lane) { return slots_[static_cast<std::size_t>(lane)]; }
  WorkerLink* up(Lane lane);
  Status spawn(Lane lane);
  RegionPtr slab_for(const std::string& key, const ClientQuota::Client& client);
  void forget(Slot& slot, const std::string& key);
  void check_stopped();
  void tell_up(Lane lane);
  void tell_lost(Lane lane, const Error& why);

  // WorkerLink::Owner
  void worker_ready(Lane lane, const device::DeviceInfo& info) override;
  void worker_lost(Lane lane, const Error& why) override;
  void worker_stuck(Lane lane, const std::string& reason) override;
  void model_loaded(Lane lane, const std::string& key) override;
  void output_took(const std::string& key, std::size_t bytes) override;
  void device_read(const device::Telemetry& readings) override;
  void settle() override;

  boost::asio::io_context& io_;
  LaneOptions options_;
  RegionRegistry& regions_;
  SlabPool& slabs_;
  Watcher& watcher_;
  broker::LaneReports* reports_ = nullptr;
  LowDescriptors low_;
  std::array<Slot, 3> slots_;
  std::unordered_set<std::string> resident_;
  std::unordered_map<std::string, std::size_t> output_bytes_;  // largest seen, by model
  bool stopping_ = false;
  std::function<void()> stopped_;
  std::unique_ptr<boost::asio::steady_timer> stop_timer_;
};

}  // namespace npu::manager
