#include "manager/region.hpp"

namespace npu::manager {

RegionPtr RegionRegistry::add(SharedMemory memory) {
  const std::size_t size = memory.size();
  state_->bytes += size;
  const std::weak_ptr<State> weak = state_;
  return std::make_shared<Region>(++state_->last, std::move(memory),
                                  [weak, size](RegionNumber number) {
                                    const auto state = weak.lock();
                                    if (!state) return;
                                    state->bytes -= size;
                                    if (state->listener) state->listener(number);
                                  });
}

void RegionRegistry::on_end(std::function<void(RegionNumber)> listener) {
  state_->listener = std::move(listener);
}

}  // namespace npu::manager
