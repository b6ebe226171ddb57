// A broker between a lane port that a test answers by hand and a list of outcomes.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/broker.hpp"
#include "broker/payloads_test_support.hpp"

namespace npu::broker::test {

using namespace std::chrono_literals;  // NOLINT(google-global-names-in-headers)

inline Options device_of(std::uint64_t bytes) {
  return {.min_residency = 0s, .memory_bytes = bytes};
}

// Writes every order down as "infer yolo", "start vision", ... and keeps the unanswered jobs.
class HandLanes final : public LanePort {
 public:
  struct Order {
    std::string text;
    JobId job = 0;
    Lane lane = Lane::kVision;
  };
  std::vector<std::string> log;
  std::deque<Order> open;
  std::vector<Priority> ranks;  // of inferences, as handed over

  void load(Lane lane, JobId job, const ModelSpec& model) override {
    note("load", model, job, lane);
  }
  void infer(Lane lane, JobId job, const ModelSpec& model, const Request&, Priority rank) override {
    ranks.push_back(rank);
    note("infer", model, job, lane);
  }
  void unload(Lane lane, JobId job, const ModelSpec& model) override {
    note("unload", model, job, lane);
  }
  void release_group(Lane lane, JobId job) override {
    log.push_back("release " + std::string(name_of(lane)));
    open.push_back({log.back(), job, lane});
  }
  void telemetry(Lane lane, JobId job) override {
    log.push_back("telemetry " + std::string(name_of(lane)));
    open.push_back({log.back(), job, lane});
  }
  void abort(Lane, JobId job) override { log.push_back("abort " + std::to_string(job)); }
  void start(Lane lane) override { log.push_back("start " + std::string(name_of(lane))); }
  void kill(Lane lane, const std::string& reason) override {
    log.push_back("kill " + std::string(name_of(lane)) + ": " + reason);
  }

  std::size_t count(std::string_view text) const {
    return static_cast<std::size_t>(std::ranges::count(log, text));
  }

 private:
  void note(const char* what, const ModelSpec& model, JobId job, Lane lane) {
    log.push_back(std::string(what) + " " + model.key);
    open.push_back({log.back(), job, lane});
  }
};

class Outcomes final : public ReplySink {
 public:
  void event(RequestId request, const Request&, InferEvent&&) override {
    events.push_back(request);
  }
  void completed(RequestId request, const Request&, Outcome outcome) override {
    EXPECT_TRUE(by_request.emplace(request, std::move(outcome)).second)
        << "request " << request << " was answered twice";
    order.push_back(request);
  }
  std::map<RequestId, Outcome> by_request;
  std::vector<RequestId> order;
  std::vector<RequestId> events;  // whose
};

struct How {
  std::string client = "client";
  ConnectionId connection = 1;
  Priority priority = Priority::kInteractive;
  std::optional<Duration> timeout;
  std::optional<Duration> keep_alive;
  std::optional<bool> pin;
  std::uint64_t payload_bytes = 0;
  std::uint32_t user = 0;
  bool administrator = true;
};

struct Bench {
  explicit Bench(Options options = {}) : broker(options, clock, lanes, replies) {}

  FakeClock clock;
  HandLanes lanes;
  Outcomes replies;
  Broker broker;
  std::map<std::string, ModelSpec> models;

  void model(const std::string& key, Lane lane = Lane::kVision, std::uint64_t bytes = 0,
             const std::string& group = "") {
    models[key] = {key, "type", "/models/" + key + ".hef", lane, group, bytes, nullptr};
  }

  Result<RequestId> submit(RequestKind kind, const std::string& key, const How& how = {}) {
    if (!models.contains(key)) model(key);
    Request request{how.connection, how.client, kind, models[key], how.priority};
    if (how.timeout) request.deadline = clock.now() + *how.timeout;
    request.keep_alive = how.keep_alive;
    request.pin = how.pin;
    request.payload_bytes = how.payload_bytes;
    request.user = how.user;
    request.administrator = how.administrator;
    request.work = std::make_shared<InferWork>();
    return broker.submit(std::move(request));
  }
  RequestId must(RequestKind kind, const std::string& key, const How& how = {}) {
    const Result<RequestId> id = submit(kind, key, how);
    EXPECT_TRUE(id.has_value()) << (id ? "" : id.error().message);
    return id.value_or(0);
  }
  RequestId infer(const std::string& key, const How& how = {}) {
    return must(RequestKind::kInfer, key, how);
  }
  RequestId load(const std::string& key, const How& how = {}) {
    return must(RequestKind::kLoad, key, how);
  }
  RequestId unload(const std::string& key, const How& how = {}) {
    return must(RequestKind::kUnload, key, how);
  }

  // The oldest unanswered job with this text; 0 if there is none.
  JobId job(const std::string& text) const {
    const auto found = std::ranges::find(lanes.open, text, &HandLanes::Order::text);
    return found == lanes.open.end() ? 0 : found->job;
  }
  JobId take(const std::string& text) {
    const auto found = std::ranges::find(lanes.open, text, &HandLanes::Order::text);
    if (found == lanes.open.end()) {
      ADD_FAILURE() << "the lanes have no '" << text << "'";
      return 0;
    }
    const JobId id = found->job;
    lanes.open.erase(found);
    return id;
  }
  void loaded(const std::string& key, std::uint64_t bytes = 0) {
    broker.loaded(take("load " + key), LoadedInfo{bytes, nullptr});
  }
  void load_failed(const std::string& key, ErrorCode code, const std::string& message) {
    load_failed(key, Error{code, message});
  }
  void load_failed(const std::string& key, const Error& error) {
    broker.loaded(take("load " + key), fail(error));
  }
  void inferred(const std::string& key) {
    broker.inferred(take("infer " + key), std::shared_ptr<InferResult>());
  }
  void unloaded(const std::string& key) { broker.unloaded(take("unload " + key), {}); }
  void telemetry_read(const std::string& lane = "vision") {
    broker.telemetry_read(take("telemetry " + lane));
  }
  void up(Lane lane = Lane::kVision, std::size_t runs_at_once = 1) {
    broker.up(lane, runs_at_once);
  }
  void lost(Lane lane = Lane::kVision, const std::string& reason = "signal 11",
            ErrorCode code = ErrorCode::kDeviceLost) {
    std::erase_if(lanes.open, [lane](const auto& order) { return order.lane == lane; });
    broker.lost(lane, {code, reason});
  }
  // Makes a model resident, whatever that takes.
  void resident(const std::string& key, const How& how = {}, std::uint64_t bytes = 0) {
    load(key, how);
    const Lane lane = models[key].lane;
    if (job("load " + key) == 0) up(lane);
    loaded(key, bytes);
    ASSERT_TRUE(is_resident(key));
  }
  bool is_resident(const std::string& key) const { return status(key).has_value(); }
  std::optional<ModelStatus> status(const std::string& key) const {
    for (ModelStatus& found : broker.snapshot().models) {
      if (found.model.key == key) return std::move(found);
    }
    return std::nullopt;
  }

  // Lets time pass, with every timer on the way.
  void advance(Duration by) {
    const SteadyTime end = clock.now() + by;
    for (int timers = 0;; ++timers) {
      ASSERT_LT(timers, 100000) << "the broker's timers do not come to an end";
      const auto next = broker.next_timer();
      if (!next || *next > end) break;
      clock.set(std::max(*next, clock.now()));
      broker.on_timer();
    }
    clock.set(end);
  }
  // Delivers what submit left for later.
  void tick() { advance(0ns); }

  bool done(RequestId id) {
    tick();
    return replies.by_request.contains(id);
  }
  const Outcome& outcome(RequestId id) {
    static const Outcome kNone;
    if (done(id)) return replies.by_request.at(id);
    ADD_FAILURE() << "request " << id << " is not complete";
    return kNone;
  }
  bool ok(RequestId id) { return outcome(id).status.has_value(); }
  std::optional<ErrorCode> error(RequestId id) {
    const Outcome& found = outcome(id);
    return found.status ? std::nullopt : std::optional(found.status.error().code);
  }
  std::string message(RequestId id) {
    const Outcome& found = outcome(id);
    return found.status ? "" : found.status.error().message;
  }
};

}  // namespace npu::broker::test
