#include "broker/request_table.hpp"

#include <fmt/format.h>

#include "base/dynamic_threshold.hpp"

namespace npu::broker {

Status RequestTable::has_room_for(const Request& request) const {
  const auto of_client = waiting_of_.find(request.client);
  if (of_client != waiting_of_.end() && of_client->second >= bounds_.requests_per_client) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} requests of this client are waiting, at most {} may",
                            of_client->second, bounds_.requests_per_client));
  }
  if (waiting_ >= bounds_.requests) {
    return fail(ErrorCode::kOverloaded, fmt::format("The queue is full: {} requests", waiting_));
  }
  if (request.payload_bytes > bounds_.bytes ||
      waiting_bytes_ > bounds_.bytes - request.payload_bytes) {
    return fail(ErrorCode::kOverloaded,
                fmt::format("The queue is full: {} bytes wait, {} more would be over {}",
                            waiting_bytes_, request.payload_bytes, bounds_.bytes));
  }
  return has_room_for_user(request);
}

Status RequestTable::has_room_for_user(const Request& request) const {
  const auto found = waiting_of_user_.find(request.user);
  if (found == waiting_of_user_.end()) return {};
  const Share& mine = found->second;
  const std::uint64_t most = dynamic_threshold(bounds_.requests, waiting_ - mine.requests);
  if (mine.requests + 1 > most) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} requests of this user are waiting, at most {} may beside {} of "
                            "others",
                            mine.requests, most, waiting_ - mine.requests));
  }
  const std::uint64_t most_bytes = dynamic_threshold(bounds_.bytes, waiting_bytes_ - mine.bytes);
  if (mine.bytes + request.payload_bytes > most_bytes) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} bytes of this user wait, {} more would be over {}", mine.bytes,
                            request.payload_bytes, most_bytes));
  }
  return {};
}

Entry& RequestTable::add(Request request, SteadyTime now) {
  const RequestId id = ++last_id_;
  Entry& entry = entries_[id];
  entry.id = id;
  entry.request = std::move(request);
  entry.submitted = now;
  by_connection_.emplace(entry.request.connection, id);
  if (entry.request.deadline) by_deadline_.emplace(*entry.request.deadline, id);
  count_waiting(entry.request);
  return entry;
}

Entry* RequestTable::find(RequestId id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

const Entry* RequestTable::find(RequestId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

Request RequestTable::erase(Entry& entry) {
  if (!entry.on_lane) count_gone(entry.request);
  by_connection_.erase({entry.request.connection, entry.id});
  if (entry.request.deadline) by_deadline_.erase({*entry.request.deadline, entry.id});
  Request request = std::move(entry.request);
  entries_.erase(entries_.find(entry.id));
  return request;
}

void RequestTable::handed_over(Entry& entry) {
  entry.on_lane = true;
  count_gone(entry.request);
}

void RequestTable::came_back(Entry& entry) {
  entry.on_lane = false;
  entry.in_front = true;
  count_waiting(entry.request);
}

std::vector<RequestId> RequestTable::of_connection(ConnectionId connection) const {
  std::vector<RequestId> found;
  for (auto it = by_connection_.lower_bound({connection, 0});
       it != by_connection_.end() && it->first == connection; ++it) {
    found.push_back(it->second);
  }
  return found;
}

std::optional<SteadyTime> RequestTable::next_deadline() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first;
}

std::optional<RequestId> RequestTable::expired(SteadyTime now) const {
  if (by_deadline_.empty() || by_deadline_.begin()->first > now) return std::nullopt;
  return by_deadline_.begin()->second;
}

void RequestTable::count_waiting(const Request& request) {
  ++waiting_;
  ++waiting_of_[request.client];
  Share& share = waiting_of_user_[request.user];
  ++share.requests;
  share.bytes += request.payload_bytes;
  waiting_bytes_ += request.payload_bytes;
}

void RequestTable::count_gone(const Request& request) {
  --waiting_;
  const auto of_client = waiting_of_.find(request.client);
  if (--of_client->second == 0) waiting_of_.erase(of_client);
  const auto of_user = waiting_of_user_.find(request.user);
  of_user->second.bytes -= request.payload_bytes;
  if (--of_user->second.requests == 0) waiting_of_user_.erase(of_user);
  waiting_bytes_ -= request.payload_bytes;
}

}  // namespace npu::broker
