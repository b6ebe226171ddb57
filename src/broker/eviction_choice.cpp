#include "broker/eviction_choice.hpp"

#include <algorithm>

namespace npu::broker {

std::vector<const Model*> LeastRecentlyUsed::choose(std::span<const Model* const> candidates,
                                                    std::uint64_t bytes) const {
  const auto enough = [bytes](const Model* model) { return model->bytes() >= bytes; };
  if (const auto one = std::ranges::find_if(candidates, enough); one != candidates.end()) {
    return {*one};
  }
  std::vector<const Model*> victims;
  std::uint64_t freed = 0;
  for (const Model* model : candidates) {
    if (freed >= bytes) break;
    victims.push_back(model);
    freed += model->bytes();
  }
  if (freed < bytes) return {};
  for (std::size_t i = victims.size(); i-- > 0;) {
    if (freed - victims[i]->bytes() < bytes) continue;
    freed -= victims[i]->bytes();
    victims.erase(victims.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return victims;
}

}  // namespace npu::broker
