#include "http/fair_share.hpp"

#include "base/dynamic_threshold.hpp"

namespace npu::http {

std::uint64_t FairShare::held_by(ClientKey client) const {
  const auto found = held_.find(client);
  return found == held_.end() ? 0 : found->second;
}

bool FairShare::fits(ClientKey client, std::uint64_t more) const {
  const std::uint64_t held = held_by(client);
  const std::uint64_t most = dynamic_threshold(capacity_, used_ - held);
  return held <= most && more <= most - held;
}

void FairShare::take(ClientKey client, std::uint64_t amount) {
  if (amount == 0) return;
  held_[client] += amount;
  used_ += amount;
}

void FairShare::give_back(ClientKey client, std::uint64_t amount) {
  const auto found = held_.find(client);
  if (found == held_.end()) return;
  found->second -= amount;
  used_ -= amount;
  if (found->second == 0) held_.erase(found);
}

bool FairShare::Part::grow_to(std::uint64_t amount) {
  if (amount <= amount_) return true;
  if (!of_.fits(client_, amount - amount_)) return false;
  take(amount - amount_);
  return true;
}

void FairShare::Part::take(std::uint64_t amount) {
  of_.take(client_, amount);
  amount_ += amount;
}

void FairShare::Part::drop() {
  if (amount_ > 0) of_.give_back(client_, amount_);
  amount_ = 0;
}

}  // namespace npu::http
