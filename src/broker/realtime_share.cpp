#include "broker/realtime_share.hpp"

#include <algorithm>

namespace npu::broker {
namespace {

constexpr Duration kLongestCredit = std::chrono::milliseconds(100);

Duration part(double share, Duration time) {
  return std::chrono::duration_cast<Duration>(share * std::chrono::duration<double>(time));
}

}  // namespace

RealtimeShare::RealtimeShare(double share)
    : share_(share), share_of_all_(share + (1 - share) / 2), all_(full(share_of_all_, {})) {}

bool RealtimeShare::permits(std::uint32_t user, SteadyTime now) {
  if (share_ >= 1) return true;
  fill(all_, share_of_all_, now);
  if (share_ <= 0 || all_.left <= Duration{0}) return false;
  const auto known = of_user_.find(user);
  if (known == of_user_.end()) return true;
  fill(known->second, share_, now);
  return known->second.left > Duration{0};
}

void RealtimeShare::spend(std::uint32_t user, Duration time) {
  if (share_ >= 1) return;
  const SteadyTime now = all_.at;
  for (auto& [other, credit] : of_user_) fill(credit, share_, now);
  std::erase_if(of_user_, [&](const auto& entry) {
    return entry.second.left >= part(share_, kLongestCredit);
  });
  of_user_.try_emplace(user, full(share_, now)).first->second.left -= time;
  all_.left -= time;
}

RealtimeShare::Credit RealtimeShare::full(double share, SteadyTime now) const {
  return {part(share, kLongestCredit), now};
}

void RealtimeShare::fill(Credit& credit, double share, SteadyTime now) const {
  const Duration most = part(share, kLongestCredit);
  credit.left = std::min(most, credit.left + part(share, now - credit.at));
  credit.at = now;
}

}  // namespace npu::broker
