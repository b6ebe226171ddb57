// Every accepted request until its outcome, with the bounds on how many may wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/model_hold.hpp"
#include "broker/quarantine.hpp"
#include "broker/types.hpp"

namespace npu::broker {

struct Entry {
  RequestId id = 0;
  Request request;
  // Of its model while it waits: HoldKind says for what.
  ModelHold hold;
  bool on_lane = false;  // handed over
  SteadyTime submitted{};
  SteadyTime parked{};
  Duration loading{};     // waited for the model so far
  Duration expected{};    // on the device, as counted in its lane's backlog
  bool in_front = false;  // interrupted by the loss of a lane: before others of its class
  bool produced = false;  // output went to the client: no repeat
  int losses = 0;         // workers lost while they ran it
  std::optional<Incident> suspicion;  // of the last of these, until it is repeated
};

// Ids rise with arrival. References stay valid until erase().
class RequestTable {
 public:
  struct Bounds {
    std::size_t requests = 0;
    std::size_t requests_per_client = 0;
    std::uint64_t bytes = 0;
  };
  // Of requests and of bytes a user may have what dynamic_threshold() leaves it.
  explicit RequestTable(const Bounds& bounds) : bounds_(bounds) {}

  // Why one more request of this kind cannot wait: kQuotaExceeded or kOverloaded.
  Status has_room_for(const Request& request) const;

  Entry& add(Request request, SteadyTime now);  // waiting, as far as the bounds are concerned
  Entry* find(RequestId id);
  const Entry* find(RequestId id) const;
  // Takes the request out of the table.
  Request erase(Entry& entry);

  // To and from a lane: what is there does not count as waiting.
  void handed_over(Entry& entry);
  void came_back(Entry& entry);

  std::size_t waiting() const { return waiting_; }
  std::size_t size() const { return entries_.size(); }
  std::size_t on_lanes() const { return entries_.size() - waiting_; }
  std::vector<RequestId> of_connection(ConnectionId connection) const;
  std::optional<SteadyTime> next_deadline() const;
  std::optional<RequestId> expired(SteadyTime now) const;
  // Those for which `which` is true, in the order of their arrival.
  template <class Which>
  std::vector<RequestId> select(const Which& which) const {
    std::vector<RequestId> found;
    for (const auto& [id, entry] : entries_) {
      if (which(entry)) found.push_back(id);
    }
    std::ranges::sort(found);
    return found;
  }

 private:
  Status has_room_for_user(const Request& request) const;
  void count_waiting(const Request& request);
  void count_gone(const Request& request);

  Bounds bounds_;
  RequestId last_id_ = 0;
  std::unordered_map<RequestId, Entry> entries_;
  std::set<std::pair<ConnectionId, RequestId>> by_connection_;
  std::set<std::pair<SteadyTime, RequestId>> by_deadline_;
  std::size_t waiting_ = 0;
  struct Share {
    std::size_t requests = 0;
    std::uint64_t bytes = 0;
  };
  std::map<std::string, std::size_t> waiting_of_;   // client
  std::map<std::uint32_t, Share> waiting_of_user_;  // uid
  std::uint64_t waiting_bytes_ = 0;
};

}  // namespace npu::broker
