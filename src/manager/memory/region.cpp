#include "manager/memory/region.hpp"

namespace npu::manager {

RegionPtr RegionRegistry::add(SharedMemory memory, ClientQuota::Hold hold) {
  const std::size_t size = memory.size();
  state_->bytes += size;
  const std::weak_ptr<State> weak = state_;
  const auto on_end = [weak, size](RegionNumber number) {
    const auto state = weak.lock();
    if (!state) return;
    state->bytes -= size;
    if (state->listener) state->listener(number);
  };
  return std::make_shared<Region>(++state_->last, std::move(memory), on_end, std::move(hold));
}

void RegionRegistry::on_end(std::function<void(RegionNumber)> listener) {
  state_->listener = std::move(listener);
}

}  // namespace npu::manager
