#include "http/crowd.hpp"

#include <algorithm>
#include <iterator>

#include "http/connection.hpp"

namespace npu::http {
namespace {

constexpr std::size_t kLookedAt = 16;

}  // namespace

void Crowd::add(Member& member) {
  member.all_at = all_.insert(all_.end(), &member);
  ++clients_[member.client].connections;
  member.in = true;
}

void Crowd::remove(Member& member) {
  if (!member.in) return;
  leave_queue(member);
  member.in = false;
  all_.erase(member.all_at);
  const auto client = clients_.find(member.client);
  if (--client->second.connections == 0) clients_.erase(client);
}

void Crowd::move(Member& member, Queue queue) {
  if (!member.in || (queue == Queue::kWaiting && member.queue == queue)) return;
  leave_queue(member);
  if (queue == Queue::kNone) return;
  Client& client = clients_.at(member.client);
  Members& members = queue == Queue::kWaiting ? client.waiting : client.slow;
  member.queue_at = members.insert(members.end(), &member);
  member.queue = queue;
  member.since = std::chrono::steady_clock::now();
}

void Crowd::leave_queue(Member& member) {
  if (member.queue == Queue::kNone) return;
  Client& client = clients_.at(member.client);
  (member.queue == Queue::kWaiting ? client.waiting : client.slow).erase(member.queue_at);
  member.queue = Queue::kNone;
}

Connection* Crowd::longest_waiting() const {
  const Client* most = nullptr;
  for (const auto& [key, client] : clients_) {
    if (client.waiting.empty()) continue;
    if (most == nullptr || client.connections > most->connections) most = &client;
  }
  if (most == nullptr) return nullptr;
  // Whose request has arrived and is not read yet does not wait; of a few that is looked at.
  const auto end =
      std::next(most->waiting.begin(),
                static_cast<std::ptrdiff_t>(std::min(most->waiting.size(), kLookedAt)));
  const auto idle = std::find_if(most->waiting.begin(), end, [](const Member* member) {
    return !member->connection->has_unreceived();
  });
  return (idle == end ? most->waiting.front() : *idle)->connection;
}

const Crowd::Member* Crowd::slowest(ClientKey client) const {
  const auto own = clients_.find(client);
  if (own != clients_.end() && !own->second.slow.empty()) return own->second.slow.front();
  const Member* slowest = nullptr;
  for (const auto& [key, other] : clients_) {
    if (other.slow.empty()) continue;
    const Member* first = other.slow.front();
    if (slowest == nullptr || first->since < slowest->since) slowest = first;
  }
  return slowest;
}

}  // namespace npu::http
