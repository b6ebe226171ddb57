#include "simulation.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error_table.hpp"
#include "device.hpp"

namespace npu::scenario {
namespace {

class Simulation final : public broker::ReplySink {
 public:
  explicit Simulation(const Scenario& scenario)
      : scenario_(scenario),
        device_(scenario, clock_),
        broker_(scenario.options, clock_, device_, *this) {
    device_.connect(broker_);
    clock_.advance(std::chrono::hours(1));
  }

  Report run() {
    load_residents();
    begin_ = clock_.now();
    for (const Event& event : scenario_.events) {
      pass_until(begin_ + event.at);
      happen(event);
    }
    pass_until(clock_.now() + std::chrono::hours(1));
    report_.loads = device_.loads;
    report_.runs = device_.runs;
    report_.end = broker_.snapshot();
    report_.idle = broker_.idle();
    for (const auto& [id, open] : open_) ++report_.clients[open.client].unanswered;
    return std::move(report_);
  }

  void event(broker::RequestId, const broker::Request&, broker::InferEvent&&) override {}
  void completed(broker::RequestId id, const broker::Request&, broker::Outcome outcome) override {
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    const Open open = found->second;
    open_.erase(found);
    ClientReport& client = report_.clients[open.client];
    client.last_answer = clock_.now() - begin_;
    if (outcome.status) {
      ++client.ok;
      client.latencies.push_back(clock_.now() - open.sent);
    } else {
      ++client.errors[std::string(wire_name(outcome.status.error().code))];
    }
  }

 private:
  struct Open {
    std::string client;
    SteadyTime sent;
  };

  void load_residents() {
    for (const std::string& name : scenario_.resident) {
      const ModelSpec& model = scenario_.models.at(name);
      broker::Request request;
      request.client = "setup";
      request.kind = broker::RequestKind::kLoad;
      request.model = model.spec;
      if (model.pinned) request.pin = request.administrator = true;
      (void)broker_.submit(std::move(request));
      pass_until(clock_.now() + std::chrono::minutes(1));
    }
    device_.loads.clear();
  }

  void happen(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kRequest: return submit(event);
      case Event::Kind::kCrash: return device_.crash(event.lane);
      case Event::Kind::kNoStart: return device_.set_startable(event.lane, false);
      case Event::Kind::kStart: return device_.set_startable(event.lane, true);
      case Event::Kind::kHang: return device_.hang_next_run_of(event.model);
      case Event::Kind::kDrain: return broker_.drain();
      case Event::Kind::kCancel:
        for (const broker::RequestId id : open_of(event.client)) broker_.cancel(id);
        return;
      case Event::Kind::kDisconnect:
        for (const broker::RequestId id : open_of(event.client)) open_.erase(id);
        broker_.connection_gone(connection_of(event.client));
    }
  }

  void submit(const Event& event) {
    broker::Request request;
    request.connection = connection_of(event.client);
    request.client = event.client;
    request.user = event.user;
    request.administrator = event.user == 0;
    request.kind = event.request;
    request.model = scenario_.models.at(event.model).spec;
    request.priority = event.priority;
    if (event.deadline) request.deadline = clock_.now() + *event.deadline;
    request.keep_alive = event.keep_alive;
    request.pin = event.pin;
    request.work =
        std::make_shared<broker::InferWork>(broker::InferWork{event.tokens, event.stream});
    ClientReport& client = report_.clients[event.client];
    ++client.sent;
    const auto id = broker_.submit(std::move(request));
    if (id) {
      open_[*id] = {event.client, clock_.now()};
    } else {
      ++client.refused[std::string(wire_name(id.error().code))];
    }
  }

  void pass_until(SteadyTime end) {
    while (true) {
      std::optional<SteadyTime> next = device_.next();
      if (const auto timer = broker_.next_timer(); timer && (!next || *timer < *next)) next = timer;
      if (!next || *next > end) break;
      clock_.set(std::max(clock_.now(), *next));
      device_.step();
      if (const auto timer = broker_.next_timer(); timer && *timer <= clock_.now()) {
        broker_.on_timer();
      }
    }
    clock_.set(end);
  }

  broker::ConnectionId connection_of(const std::string& client) {
    return connections_.try_emplace(client, connections_.size() + 1).first->second;
  }
  std::vector<broker::RequestId> open_of(const std::string& client) const {
    std::vector<broker::RequestId> ids;
    for (const auto& [id, open] : open_) {
      if (open.client == client) ids.push_back(id);
    }
    return ids;
  }

  const Scenario& scenario_;
  FakeClock clock_;
  Device device_;
  broker::Broker broker_;
  SteadyTime begin_{};
  std::map<broker::RequestId, Open> open_;
  std::map<std::string, broker::ConnectionId> connections_;
  Report report_;
};

}  // namespace

Report run(const Scenario& scenario) { return Simulation(scenario).run(); }

}  // namespace npu::scenario
