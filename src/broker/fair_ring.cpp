#include "broker/fair_ring.hpp"

#include <algorithm>
#include <limits>

namespace npu::broker {

void FairRing::add(const std::string& name, RequestId request) {
  if (ring_.empty() || clients_.size() > 2 * ring_.size() + 64) forget_absent_clients();
  Client& client = clients_[name];
  if (client.waiting.empty()) {
    const Duration others = served_ - client.served_when_left;
    const Duration made_up = others / static_cast<Duration::rep>(ring_.size() + 1);
    client.balance = std::min(Duration{0}, client.balance + made_up) + quantum_;
    client.name = name;
    client.place = ring_.insert(ring_.end(), &client);
  }
  client.waiting.insert(request);
}

void FairRing::remove(const std::string& name, RequestId request) {
  const auto found = clients_.find(name);
  if (found == clients_.end() || found->second.waiting.erase(request) == 0) return;
  if (found->second.waiting.empty()) leave(found->second);
}

std::optional<std::pair<std::string, RequestId>> FairRing::next() {
  if (ring_.empty()) return std::nullopt;
  for (std::size_t tried = 0; ring_.front()->balance <= Duration{0}; ++tried) {
    if (tried == ring_.size()) make_somebody_solvent();
    rotate();
  }
  Client& client = *ring_.front();
  std::pair<std::string, RequestId> taken{client.name, *client.waiting.begin()};
  client.waiting.erase(client.waiting.begin());
  if (client.waiting.empty()) leave(client);
  return taken;
}

void FairRing::charge(const std::string& name, Duration device_time) {
  served_ += device_time;
  if (const auto found = clients_.find(name); found != clients_.end()) {
    found->second.balance -= device_time;
    if (found->second.waiting.empty()) found->second.served_when_left += device_time;
  }
}

void FairRing::rotate() {
  ring_.front()->balance += quantum_;
  ring_.splice(ring_.end(), ring_, ring_.begin());
}

void FairRing::make_somebody_solvent() {
  Duration::rep rounds = std::numeric_limits<Duration::rep>::max();
  for (const Client* client : ring_) {
    rounds = std::min(rounds, std::max(Duration{0}, -client->balance) / quantum_);
  }
  for (Client* client : ring_) client->balance += rounds * quantum_;
}

// Debts are kept while there is somebody to whom they are owed.
void FairRing::leave(Client& client) {
  client.served_when_left = served_;
  client.balance = std::min(client.balance, Duration{0});
  ring_.erase(client.place);
}

void FairRing::forget_absent_clients() {
  std::erase_if(clients_, [](const auto& entry) { return entry.second.waiting.empty(); });
}

}  // namespace npu::broker
