// One life of one worker: its process, the link to it, and the jobs that it was given.
//
// Event loop's thread only. Speaks src/wire/worker_link.md. After worker_lost() nothing more is
// called.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/lane.hpp"
#include "base/outbox.hpp"
#include "broker/lane_reports.hpp"
#include "broker/types.hpp"
#include "device/device_info.hpp"
#include "manager/lanes/worker_process.hpp"
#include "manager/memory/payloads.hpp"
#include "manager/memory/region.hpp"
#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"

namespace npu::manager {

class WorkerLink : public std::enable_shared_from_this<WorkerLink> {
 public:
  // Whoever keeps the link: what he has to know beside what the broker is told. Each call may lead
  // to new orders; none may destroy the link.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void worker_ready(Lane lane, const device::DeviceInfo& info) = 0;
    // The process is gone and touches no memory any more. why: what the worker or kill() said, else
    // kDeviceLost and how the process ended.
    virtual void worker_lost(Lane lane, const Error& why) = 0;
    // The process was killed and does not end; worker_lost() follows if it does after all.
    virtual void worker_stuck(Lane lane, const std::string& reason) = 0;
    virtual void model_loaded(Lane lane, const std::string& key) = 0;
    // What the tensors of a result took together.
    virtual void output_took(const std::string& key, std::size_t bytes) = 0;
    virtual void device_read(const device::Telemetry& readings) = 0;
    // Something was handled: the time to act on what it made possible.
    virtual void settle() = 0;
  };

  // device: the kind that the worker was told to open, or "auto".
  WorkerLink(Lane lane, std::string device, WorkerProcess::Spawned worker, RegionRegistry& regions,
             broker::LaneReports& reports, Owner& owner);
  void start();

  bool is_ready() const { return ready_; }

  void load(broker::JobId job, const broker::ModelSpec& model);
  // asker: of which a generative model is told, since it may keep conversations for him.
  // slab: where the result may go if the client named no place; may be null.
  void infer(broker::JobId job, const broker::ModelSpec& model, Priority priority,
             const wire::order::Asker& asker, std::shared_ptr<InferWork> work, RegionPtr slab);
  void unload(broker::JobId job, const broker::ModelSpec& model);
  void release_group(broker::JobId job);
  void cancel(broker::JobId job);
  void telemetry(broker::JobId job);
  void drop_region(RegionNumber number);
  void forget_client(broker::ConnectionId client);

  // Ends the process; worker_lost() follows with the first reason that was given.
  void kill(Error why);
  // The worker cannot be used any more.
  void kill_for(std::string what_it_did);
  // Closes the link, at which a healthy worker ends by itself.
  void close();

 private:
  enum class Kind { kLoad, kInfer, kUnload, kTelemetry };
  struct Job {
    Kind kind = Kind::kInfer;
    std::string key;
    std::shared_ptr<InferWork> work;
    RegionPtr slab;
    ClientQuota::Client client = {};  // of an inference
    UniqueFd memory = {};             // that came with its result
  };

  void send(std::string frame, std::shared_ptr<void> keep = nullptr, int fd = -1);
  void introduce(const RegionPtr& region);
  void arm_read();
  void arm_write();
  void on_readable();
  // False when the link is at its end or broken.
  bool receive_some();
  bool receive_messages();
  void handle(wire::report::Ready ready);
  void handle(wire::report::Failed failed);
  void handle(wire::report::Lost lost);
  void handle(wire::report::RegionFailed failed);
  void handle(wire::report::Event event);
  void handle(wire::report::Progress progress);
  void handle(wire::report::Done done);
  // False where the outcome is none of such a job.
  bool finish(broker::JobId number, Job& job, wire::report::Outcome& outcome);
  Result<std::shared_ptr<InferResult>> result_of(Job& job, wire::report::Inferred& inferred);
  UniqueFd take_memory(const wire::report::Outcome& outcome);
  Result<RegionPtr> fresh_region(std::size_t size, Job& job);
  void exited(const std::string& how);

  WatchedFd socket_;
  Lane lane_;
  std::string device_;
  std::shared_ptr<WorkerProcess> process_;
  RegionRegistry& regions_;
  broker::LaneReports& reports_;  // hears the answers to the orders
  Owner& owner_;
  wire::FrameReader reader_;
  Outbox outbox_;
  std::vector<UniqueFd> fds_;
  std::unordered_map<RegionNumber, bool> known_regions_;  // false: could not be mapped
  std::unordered_map<broker::JobId, Job> jobs_;
  std::unordered_set<broker::ConnectionId> askers_;  // for whom a model may keep something
  bool ready_ = false;
  bool ended_ = false;
  bool write_armed_ = false;
  std::optional<Error> why_;
};

}  // namespace npu::manager
