// The simulated device of a scenario: workers that take time, share one chip, crash and hang.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/broker.hpp"
#include "scenario.hpp"

namespace npu::broker {

// What a request asks of the device.
struct InferWork {
  std::size_t tokens = 1;
  bool stream = false;
};
struct InferEvent {};
struct InferResult {};
struct LoadResult {};

}  // namespace npu::broker

namespace npu::scenario {

// Work is done in pieces: a frame, a token, a load. One chip works on one frame or token at a time
// and interrupts none; the next one is of the vision lane if it has one, else of speech, else of
// generation, as priorities on the real chip would have it. Loads do not need the chip. Answers are
// given by step(), never from inside an order.
class Device final : public broker::LanePort {
 public:
  Device(const Scenario& scenario, const Clock& clock) : scenario_(scenario), clock_(clock) {}
  void connect(broker::Broker& broker) { broker_ = &broker; }

  void load(Lane lane, broker::JobId job, const broker::ModelSpec& model) override;
  void infer(Lane lane, broker::JobId job, const broker::ModelSpec& model,
             const broker::Request& request, Priority rank) override;
  void unload(Lane lane, broker::JobId job, const broker::ModelSpec& model) override;
  void release_group(Lane lane, broker::JobId job) override;
  void telemetry(Lane, broker::JobId) override {}  // nobody asks
  void abort(Lane lane, broker::JobId job) override;
  void start(Lane lane) override;
  void kill(Lane lane, const std::string& reason) override;

  void crash(Lane lane) { worker(lane).dies = "crashed"; }
  void set_startable(Lane lane, bool can) { worker(lane).can_start = can; }
  void hang_next_run_of(const std::string& model) { hangs_.insert(model); }

  // When something happens next; and does everything that happens now.
  std::optional<SteadyTime> next() const;
  void step();

  std::map<std::string, std::size_t> loads;  // begun, by model
  std::map<std::string, std::size_t> runs;

 private:
  struct Job {
    enum class Kind { kLoad, kInfer, kUnload, kRelease } kind = Kind::kInfer;
    broker::JobId id = 0;
    std::string model;
    std::size_t pieces = 1;
    bool stream = false;
    bool aborted = false;
    bool hangs = false;
  };
  struct Worker {
    bool up = false;
    bool can_start = true;
    std::optional<SteadyTime> starts;
    std::string dies;  // why, at the next step
    std::deque<Job> jobs;
    std::set<std::string> models;
    std::optional<SteadyTime> piece_ends;
    bool waits_for_chip = false;
  };

  Worker& worker(Lane lane) { return workers_[static_cast<std::size_t>(lane)]; }
  bool die(Lane lane);
  bool come_up(Lane lane);
  bool finish_piece(Lane lane);
  bool begin_piece(Lane lane);
  bool give_chip();
  void answer(Lane lane, const Job& job);
  void answer_load(Worker& at, const Job& job);
  std::uint64_t size_of(const std::string& model) const;
  std::uint64_t used() const;

  const Scenario& scenario_;
  const Clock& clock_;
  broker::Broker* broker_ = nullptr;
  std::array<Worker, kLanes.size()> workers_;
  std::set<std::string> hangs_;
  std::set<std::string> left_behind_;  // unloaded, but not released
  std::optional<Lane> on_chip_;
};

}  // namespace npu::scenario
