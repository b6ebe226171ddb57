#include "manager/clients/refusal_pace.hpp"

#include <algorithm>

namespace npu::manager {

Duration RefusalPace::time_to_keep(uid_t user, SteadyTime now) {
  constexpr Duration kFree = kQuick * kInterval;
  std::erase_if(even_at_, [now](const auto& entry) { return entry.second <= now; });
  SteadyTime& even_at = even_at_.try_emplace(user, now).first->second;
  even_at = std::min(even_at + kInterval, now + kFree + kLongest);
  return std::max(Duration{}, even_at - now - kFree);
}

}  // namespace npu::manager
