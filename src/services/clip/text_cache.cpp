#include "services/clip/text_cache.hpp"

#include <utility>

namespace npu::clip {

const Vector* TextCache::get(std::string_view key) {
  const auto found = places_.find(key);
  if (found == places_.end()) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  order_.splice(order_.begin(), order_, found->second);
  return &order_.front().vector;
}

void TextCache::put(std::string key, Vector vector) {
  if (entries_ == 0 || places_.contains(key)) return;
  if (places_.size() == entries_) {
    places_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({std::move(key), std::move(vector)});
  places_.emplace(order_.front().key, order_.begin());
}

void TextCache::clear() {
  places_.clear();
  order_.clear();
}

}  // namespace npu::clip
