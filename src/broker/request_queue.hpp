// Holds the requests from their acceptance to their end: who may wait, in which order they get
// their turn, which wait for their model, and how much work waits for each lane.
//
// Entries are handed out to be read. Nothing here calls back: what a turn leads to is the broker's
// business. References to an entry last until end().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/request_table.hpp"
#include "broker/scheduling_order.hpp"

namespace npu::broker {

class RequestQueue {
 public:
  struct Bounds {
    RequestTable::Bounds waiting;
    Duration aging{};             // waiting this long lifts a request by one class
    double realtime_share = 0.5;  // FairOrder
  };
  RequestQueue(const Bounds& bounds, const Clock& clock);

  // Why one more request of this kind cannot wait: kQuotaExceeded or kOverloaded.
  Status has_room_for(const Request& request) const { return table_.has_room_for(request); }

  // A request comes, and waits for what its hold of the model says. expected: on the lane.
  const Entry& add(Request request) { return table_.add(std::move(request), clock_.now()); }
  void wait(const Entry& entry, ModelHold hold, Duration expected);

  // Takes the next request of a lane out of its order: it is to be put back, parked, handed over or
  // ended. ahead: see SchedulingOrder.
  std::optional<Pick> next(Lane lane, bool ahead);
  void put_back(const Entry& entry);
  void park(const Entry& entry);
  void unpark(const Model& model);
  // It goes to the lane, and its party is charged with what that is expected to take.
  void hand_over(const Entry& entry, const Pick& pick);
  // Its end there; more: what it took beyond what was expected.
  void ended_on_lane(Lane lane, const Pick& pick, Duration more);
  // The lane was lost: its turn comes before that of others. wait() follows.
  void come_back(const Entry& entry) { table_.came_back(own(entry)); }

  // What happened to it.
  void produced(const Entry& entry) { own(entry).produced = true; }  // output went to the client
  void lost_worker(const Entry& entry) { ++own(entry).losses; }
  void suspect(const Entry& entry, Incident of) { own(entry).suspicion = std::move(of); }

  struct Ended {
    Request request;
    SteadyTime submitted{};
    Duration loading{};  // waited for its model
  };
  Ended end(const Entry& entry);

  const Entry* find(RequestId request) const { return table_.find(request); }
  std::vector<RequestId> of_connection(ConnectionId connection) const {
    return table_.of_connection(connection);
  }
  // Of a model: loads and inferences, or requests to unload it, in the order of their arrival.
  std::vector<RequestId> waiting_for(const Model& model) const;
  std::vector<RequestId> unloaders_of(const Model& model) const;
  std::vector<RequestId> not_on_lane(Lane lane) const;
  bool another_user_waits_for(const Model& model, std::uint32_t user) const;

  bool has_turns(Lane lane) const { return at(lane).order->size() > 0; }
  Duration backlog(Lane lane) const { return at(lane).backlog; }
  std::size_t size() const { return table_.size(); }
  std::size_t waiting() const { return table_.waiting(); }
  std::size_t on_lanes() const { return table_.on_lanes(); }
  std::optional<SteadyTime> next_deadline() const { return table_.next_deadline(); }
  std::optional<RequestId> expired() const { return table_.expired(clock_.now()); }

 private:
  struct LaneQueue {
    std::unique_ptr<SchedulingOrder> order;
    Duration backlog{};  // expected run time of the loads and inferences that wait
  };
  LaneQueue& at(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  const LaneQueue& at(Lane lane) const { return lanes_[static_cast<std::size_t>(lane)]; }
  // Entries are handed out to be read; all of them lie in table_, which is not const.
  static Entry& own(const Entry& entry) { return const_cast<Entry&>(entry); }
  void enter_order(Entry& entry);
  void leave(Entry& entry);

  const Clock& clock_;
  RequestTable table_;
  std::array<LaneQueue, kLanes.size()> lanes_;
};

}  // namespace npu::broker
