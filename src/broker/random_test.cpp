// Random requests, cancellations, losses and hangs against a device that checks every order.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/broker.hpp"
#include "broker/payloads_test_support.hpp"

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

struct Job {
  enum class Kind { kLoad, kInfer, kUnload, kRelease, kTelemetry } kind;
  JobId id = 0;
  std::string model;
  bool has_company(std::size_t at_once) const {
    return kind == Kind::kInfer || kind == Kind::kTelemetry || (kind == Kind::kLoad && at_once > 1);
  }
};

struct Worker {
  enum class State { kDown, kStarting, kUp, kKilled, kStuck } state = State::kDown;
  std::vector<Job> jobs;  // unanswered, in order
  std::set<std::string> models;
  bool hangs = false;
};

// The workers of a device with `capacity` bytes. Orders that a real one could not follow are test
// failures.
class CheckedDevice final : public LanePort {
 public:
  CheckedDevice(std::uint64_t capacity, bool group_release, std::size_t frames_at_once)
      : capacity_(capacity), group_release_(group_release), frames_at_once_(frames_at_once) {}

  std::array<Worker, 3> workers;
  std::map<std::string, ModelSpec> specs;
  std::set<std::string> left_behind;  // unloaded, with group_release: memory is still taken

  void load(Lane lane, JobId job, const ModelSpec& model) override {
    Worker& worker = add(lane, {Job::Kind::kLoad, job, model.key});
    EXPECT_EQ(model.lane, lane);
    std::ptrdiff_t loads = 0;
    for (const Worker& each : workers) {
      loads += std::ranges::count(each.jobs, Job::Kind::kLoad, &Job::kind);
    }
    if (group_release_) {
      EXPECT_EQ(loads, 1) << "loads go one at a time";
    }
    EXPECT_TRUE(worker.models.insert(model.key).second) << model.key << " is loaded twice";
    left_behind.erase(model.key);
    EXPECT_LE(memory(), capacity_);
    std::size_t in_group = 0;
    for (const Worker& each : workers) {
      for (const std::string& key : each.models) in_group += !specs[key].exclusive_group.empty();
    }
    EXPECT_LE(in_group, 1u);
  }
  void infer(Lane lane, JobId job, const ModelSpec& model, const Request& request,
             Priority) override {
    Worker& worker = add(lane, {Job::Kind::kInfer, job, model.key});
    EXPECT_TRUE(worker.models.contains(model.key)) << model.key << " is used and not loaded";
    EXPECT_TRUE(request.work);
  }
  void unload(Lane lane, JobId job, const ModelSpec& model) override {
    for (const Job& open : worker(lane).jobs) {
      EXPECT_NE(open.model, model.key) << "a model in use is unloaded";
    }
    Worker& worker = add(lane, {Job::Kind::kUnload, job, model.key});
    EXPECT_TRUE(worker.models.contains(model.key));
  }
  void release_group(Lane lane, JobId job) override {
    EXPECT_TRUE(group_release_);
    for (const Worker& each : workers) {
      for (const Job& open : each.jobs) EXPECT_EQ(open.kind, Job::Kind::kRelease);
    }
    add(lane, {Job::Kind::kRelease, job, ""});
  }
  void telemetry(Lane lane, JobId job) override { add(lane, {Job::Kind::kTelemetry, job, ""}); }
  void abort(Lane lane, JobId job) override {
    EXPECT_TRUE(
        std::ranges::any_of(worker(lane).jobs, [job](const Job& j) { return j.id == job; }));
  }
  void start(Lane lane) override {
    EXPECT_EQ(worker(lane).state, Worker::State::kDown);
    worker(lane).state = Worker::State::kStarting;
  }
  void kill(Lane lane, const std::string& reason) override {
    EXPECT_EQ(worker(lane).state, Worker::State::kUp);
    if (reason == "idle") {
      EXPECT_TRUE(worker(lane).models.empty() && orders(worker(lane)) == 0);
    }
    worker(lane).state = Worker::State::kKilled;
  }

  // Without readings, which may be asked for at any time, one at a time.
  static std::size_t orders(const Worker& of) {
    const auto readings = std::ranges::count(of.jobs, Job::Kind::kTelemetry, &Job::kind);
    EXPECT_LE(readings, 1);
    return of.jobs.size() - static_cast<std::size_t>(readings);
  }
  std::size_t at_once(Lane lane) const { return lane == Lane::kVision ? frames_at_once_ : 1; }
  Worker& worker(Lane lane) { return workers[static_cast<std::size_t>(lane)]; }
  void forget(Worker& of, const std::string& model) {
    of.models.erase(model);
    if (group_release_) left_behind.insert(model);
  }
  std::uint64_t memory() {
    std::uint64_t sum = 0;
    for (const Worker& each : workers) {
      for (const std::string& key : each.models) sum += specs[key].memory_bound;
    }
    for (const std::string& key : left_behind) sum += specs[key].memory_bound;
    return sum;
  }

 private:
  Worker& add(Lane lane, Job job) {
    Worker& to = worker(lane);
    EXPECT_EQ(to.state, Worker::State::kUp) << "an order for a lane that is down";
    to.jobs.push_back(std::move(job));
    EXPECT_LE(orders(to), lane == Lane::kGeneration ? 1u : at_once(lane) + 1);
    return to;
  }

  std::uint64_t capacity_;
  bool group_release_;
  std::size_t frames_at_once_;
};

class Ledger final : public ReplySink {
 public:
  std::map<RequestId, ConnectionId> open;
  std::set<ConnectionId> gone;
  std::size_t answered = 0;

  void event(RequestId request, const Request& what, InferEvent&&) override {
    EXPECT_TRUE(open.contains(request));
    EXPECT_FALSE(gone.contains(what.connection));
  }
  void completed(RequestId request, const Request& what, Outcome outcome) override {
    EXPECT_FALSE(gone.contains(what.connection));
    EXPECT_EQ(open.erase(request), 1u) << "an answer nobody waits for";
    EXPECT_GE(outcome.queued, 0ns);
    EXPECT_GE(outcome.loading, 0ns);
    EXPECT_GE(outcome.running, 0ns);
    ++answered;
  }
};

class Random : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::size_t kMaxQueued = 40;
  static constexpr std::uint64_t kCapacity = 100;

  Random()
      : dice_(GetParam()),
        group_release_(GetParam() % 3 == 0),
        device_(kCapacity, group_release_, GetParam() % 4 + 1),
        broker_({.max_queued = kMaxQueued,
                 .max_queued_per_client = 20,
                 .aging = 2s,
                 .min_residency = GetParam() % 2 ? 500ms : 0ms,
                 .load_watchdog = 20s,
                 .infer_watchdog = 5s,
                 .generation_watchdog = 30s,
                 .idle_lane = 60s,
                 .memory_bytes = kCapacity,
                 .group_release = group_release_},
                clock_, device_, ledger_) {
    add("llm", Lane::kGeneration, 60, "kv");
    add("vlm", Lane::kGeneration, 70, "kv");
    add("s2t", Lane::kSpeech, 25, "");
    for (const char* key : {"a", "b", "c", "d"}) add(key, Lane::kVision, 15, "");
    add("wide", Lane::kVision, 50, "");
    add("huge", Lane::kVision, 200, "");
    clock_.advance(1h);
  }

  void add(const std::string& key, Lane lane, std::uint64_t bytes, const std::string& group) {
    device_.specs[key] = {key, "type", "/" + key, lane, group, bytes, nullptr};
    keys_.push_back(key);
  }
  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }
  bool chance(std::uint64_t one_in) { return roll(one_in) == 0; }

  void submit() {
    Request request;
    request.connection = connections_[roll(connections_.size())];
    request.client = std::string(1, static_cast<char>('A' + roll(4)));
    request.kind = chance(8)   ? RequestKind::kUnload
                   : chance(4) ? RequestKind::kLoad
                               : RequestKind::kInfer;
    request.model = device_.specs[keys_[roll(keys_.size())]];
    request.priority = static_cast<Priority>(roll(3));
    if (chance(4)) request.deadline = clock_.now() + roll(4000) * 1ms;
    if (chance(6)) request.keep_alive = roll(3) * 1s;
    if (chance(6)) request.pin = chance(3);
    request.work = std::make_shared<InferWork>();
    const ConnectionId connection = request.connection;
    const auto id = broker_.submit(std::move(request));
    if (id) {
      EXPECT_TRUE(ledger_.open.emplace(*id, connection).second);
    }
  }
  void cancel() {
    if (ledger_.open.empty()) return;
    auto victim = ledger_.open.begin();
    std::advance(victim, static_cast<std::ptrdiff_t>(roll(ledger_.open.size())));
    broker_.cancel(victim->first);
  }
  void disconnect() {
    ConnectionId& connection = connections_[roll(connections_.size())];
    ledger_.gone.insert(connection);
    broker_.connection_gone(connection);
    std::erase_if(ledger_.open, [&](const auto& entry) { return entry.second == connection; });
    connection = ++last_connection_;
  }
  // The worker answers its oldest job, or one of the inferences that it has under way with it.
  void answer(Lane lane, bool may_fail) {
    Worker& worker = device_.worker(lane);
    if (worker.jobs.empty() || worker.hangs || worker.state != Worker::State::kUp) return;
    std::size_t under_way = 0;
    while (under_way < std::min(worker.jobs.size(), device_.at_once(lane)) &&
           worker.jobs[under_way].has_company(device_.at_once(lane))) {
      ++under_way;
    }
    const std::size_t which = under_way > 1 ? roll(under_way) : 0;
    const Job job = worker.jobs[which];
    const bool fails = may_fail && chance(10);
    worker.jobs.erase(worker.jobs.begin() + static_cast<std::ptrdiff_t>(which));
    switch (job.kind) {
      case Job::Kind::kLoad:
        if (fails) {
          device_.forget(worker, job.model);
          device_.left_behind.erase(job.model);
          broker_.loaded(
              job.id, fail(chance(2) ? ErrorCode::kDoesNotFit : ErrorCode::kInvalidArgument, "no"));
        } else {
          broker_.loaded(job.id, LoadedInfo{device_.specs[job.model].memory_bound, nullptr});
        }
        break;
      case Job::Kind::kInfer:
        if (chance(3)) broker_.event(job.id, {});
        if (fails) {
          broker_.inferred(job.id, fail(ErrorCode::kInvalidArgument, "no"));
        } else {
          broker_.inferred(job.id, std::shared_ptr<InferResult>());
        }
        break;
      case Job::Kind::kTelemetry: broker_.telemetry_read(job.id); break;
      case Job::Kind::kUnload:
        device_.forget(worker, job.model);
        broker_.unloaded(job.id, {});
        break;
      case Job::Kind::kRelease:
        worker.models.clear();
        for (const Worker& other : device_.workers) {
          if (CheckedDevice::orders(other) > 0) return broker_.unloaded(job.id, {});
        }
        device_.left_behind.clear();
        broker_.unloaded(job.id, {});
        break;
    }
  }
  void supervise(Lane lane, bool may_fail) {
    Worker& worker = device_.worker(lane);
    if (worker.state == Worker::State::kStarting && !(may_fail && chance(4))) {
      worker.state = Worker::State::kUp;
      broker_.up(lane, device_.at_once(lane));
    } else if (worker.state == Worker::State::kKilled && may_fail && chance(3)) {
      worker.state = Worker::State::kStuck;
      broker_.stuck(lane, "it does not end");
    } else if (worker.state == Worker::State::kStarting) {
      constexpr ErrorCode kWhy[] = {ErrorCode::kUnavailable, ErrorCode::kBusy,
                                    ErrorCode::kVersionMismatch, ErrorCode::kDeviceLost};
      lose(lane, kWhy[roll(std::size(kWhy))]);
    } else if (worker.state == Worker::State::kKilled ||
               (worker.state == Worker::State::kStuck && (!may_fail || chance(5)))) {
      lose(lane);
    }
  }
  void lose(Lane lane, ErrorCode code = ErrorCode::kDeviceLost) {
    Worker& worker = device_.worker(lane);
    if (worker.state == Worker::State::kDown) return;
    const bool was_releasing = !worker.jobs.empty() && worker.jobs[0].kind == Job::Kind::kRelease;
    for (const std::string& key : std::set<std::string>(worker.models)) device_.forget(worker, key);
    worker = {};
    const auto is_all = [&](auto condition) {
      return std::ranges::all_of(device_.workers, condition);
    };
    const bool is_released = was_releasing && is_all([](const Worker& each) {
                               return CheckedDevice::orders(each) == 0;
                             });
    const bool is_unused = is_all([](const Worker& each) {
      return each.state == Worker::State::kDown || each.state == Worker::State::kStarting;
    });
    if (is_released || is_unused) device_.left_behind.clear();
    broker_.lost(lane, {code, "signal 9"});
  }
  void let_time_pass(Duration most) {
    const SteadyTime end = clock_.now() + most;
    for (int timers = 0;; ++timers) {
      ASSERT_LT(timers, 1000) << "timers without end";
      const auto next = broker_.next_timer();
      if (!next || *next > end) break;
      clock_.set(std::max(clock_.now(), *next));
      broker_.on_timer();
    }
    clock_.set(end);
  }
  void step() {
    const auto lane = static_cast<Lane>(roll(3));
    switch (roll(12)) {
      case 0:
      case 1:
      case 2: return submit();
      case 3:
      case 4:
      case 5: return answer(lane, true);
      case 6: return supervise(lane, true);
      case 7:
        if (chance(4)) broker_.ask_telemetry();
        return let_time_pass(roll(300) * 1ms);
      case 8: return chance(3) ? cancel() : submit();
      case 9: return chance(20) ? disconnect() : answer(lane, true);
      case 10: return chance(20) ? lose(lane) : answer(lane, false);
      default:
        if (chance(40)) device_.worker(lane).hangs = true;
        if (chance(30)) let_time_pass(10s);
    }
  }

  std::mt19937_64 dice_;
  bool group_release_;
  FakeClock clock_;
  CheckedDevice device_;
  Ledger ledger_;
  Broker broker_;
  std::vector<std::string> keys_;
  std::vector<ConnectionId> connections_{1, 2, 3, 4, 5, 6};
  ConnectionId last_connection_ = 6;
};

TEST_P(Random, Every_request_is_answered_once_and_no_order_is_impossible) {
  for (int i = 0; i < 10000 && !HasFailure(); ++i) {
    step();
    // What was on a lane comes back above the bound when the lane is lost.
    EXPECT_LE(broker_.snapshot().queued, kMaxQueued + 5) << "step " << i;
  }
  for (int round = 0; round < 2000 && !broker_.idle() && !HasFailure(); ++round) {
    for (const Lane lane : kLanes) {
      supervise(lane, false);
      answer(lane, false);
    }
    let_time_pass(100ms);
  }
  EXPECT_TRUE(broker_.idle());
  EXPECT_TRUE(ledger_.open.empty()) << ledger_.open.size() << " requests without an answer";
  EXPECT_GT(ledger_.answered, 500u);
  for (const ModelStatus& model : broker_.snapshot().models) EXPECT_FALSE(model.busy);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Random, ::testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace npu::broker
