// The vocabulary of the broker: what a request is, what a lane can be asked, what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <npu/priority.hpp>
#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/lane.hpp"
#include "broker/payloads.hpp"

namespace npu::broker {

using RequestId = std::uint64_t;     // one client request, unique for the broker's life
using JobId = std::uint64_t;         // one order to a lane, unique for the broker's life
using ConnectionId = std::uint64_t;  // whose disappearance cancels its requests

using npu::Priority;

// Whom the time on the device is shared among: users, and the names that each of them states.
struct Party {
  std::uint32_t user = 0;
  std::string client;
};

// Everything that the broker has to know about a model.
struct ModelSpec {
  std::string key;   // identity: type, path and hash of the parameters
  std::string type;  // as on the wire
  std::string path;
  Lane lane = Lane::kVision;
  std::string exclusive_group;     // "" or the name of a group that holds one model at a time
  std::uint64_t memory_bound = 0;  // bytes, an upper bound until measured
  std::shared_ptr<const LoadOrder> load;
  std::uint64_t content = 0;  // other files, another number; 0 where it has none
};

enum class RequestKind { kLoad, kInfer, kUnload };

struct Request {
  ConnectionId connection = 0;
  std::string client;  // fairness identity: peer uid and stated name
  RequestKind kind = RequestKind::kInfer;
  ModelSpec model;
  Priority priority = Priority::kInteractive;
  std::optional<SteadyTime> deadline;
  // How long the model stays after its last use: absent leaves what this user said before, which
  // starts as the configured default; Duration::max() is for ever; 0 unloads when idle. Of what its
  // users want the longest counts.
  std::optional<Duration> keep_alive;
  std::optional<bool> pin;
  std::shared_ptr<InferWork> work;  // of an inference
  std::uint64_t payload_bytes = 0;  // memory held while queued, counts against the bounds
  std::uint32_t user = 0;           // the peer's uid, which may state many names
  bool administrator = false;       // whose pins stay, and who may unload what others use
};

// How a request ended. Exactly one Outcome is delivered for every request.
struct Outcome {
  RequestKind kind = RequestKind::kInfer;
  Status status;                        // the error, if it failed
  bool during_load = false;             // the error arose while its model was being loaded
  bool was_there = false;               // load: it was resident already; unload: it was resident
  std::shared_ptr<InferResult> result;  // of an inference
  std::shared_ptr<const LoadResult> loaded;  // of a load
  Duration queued{};   // from submission to the start on the device, load time not counted
  Duration loading{};  // waiting for its model to become resident
  Duration running{};  // on the device
};

// What a lane reports about a load.
struct LoadedInfo {
  std::uint64_t memory_bytes = 0;  // measured; 0 if the device cannot tell
  std::shared_ptr<const LoadResult> info;
};

// The workers, as the broker sees them. Every order is answered exactly once, later, through
// LaneReports; calls never answer from inside. An order to a lane that is down is dropped by the
// port: LaneReports::lost has told, or will tell, the broker that the order is void.
class LanePort {
 public:
  virtual ~LanePort() = default;
  virtual void load(Lane lane, JobId job, const ModelSpec& model) = 0;
  // rank: the class that the request is served in, whatever it has asked for.
  virtual void infer(Lane lane, JobId job, const ModelSpec& model, const Request& request,
                     Priority rank) = 0;
  virtual void unload(Lane lane, JobId job, const ModelSpec& model) = 0;
  // Drops every model of the lane and its part of the device's group.
  virtual void release_group(Lane lane, JobId job) = 0;
  virtual void telemetry(Lane lane, JobId job) = 0;
  // Asks a running inference to end early. The job is still answered.
  virtual void abort(Lane lane, JobId job) = 0;
  // Starts the worker of a lane that is down. Answered by LaneReports::up or lost.
  virtual void start(Lane lane) = 0;
  // Kills the worker. Answered by LaneReports::lost.
  virtual void kill(Lane lane, const std::string& reason) = 0;
};

// Where answers go, and who looks on. Must not call the broker from inside.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // A piece of a running inference's output; nothing more comes of it after completed().
  virtual void event(RequestId request, const Request& what, InferEvent&& event) = 0;
  virtual void completed(RequestId request, const Request& what, Outcome outcome) = 0;

  // What else happens, told in the midst of it: nor is the broker to be looked at.
  virtual void queued(RequestId, const Request&) {}
  virtual void started(RequestId, const Request&) {}  // on the device; again where it is repeated
  virtual void dropped(RequestId, const Request&, const Outcome&) {}  // its client is gone
  virtual void model_changed(const ModelSpec&, bool /*is_loaded*/) {}
};

}  // namespace npu::broker
