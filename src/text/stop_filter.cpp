#include "text/stop_filter.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace npu::text {

StopFilter::StopFilter(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase(stops_, "");
  // Of those that end at one letter the longest is met first.
  std::ranges::stable_sort(stops_, std::ranges::greater(), &std::string::size);
}

std::string StopFilter::push(std::string_view piece) {
  if (stopped_by_) return {};
  held_ += piece;
  while (looked_at_ < held_.size()) {
    const std::string_view seen = std::string_view(held_).substr(0, ++looked_at_);
    const auto stop =
        std::ranges::find_if(stops_, [&](const std::string& one) { return seen.ends_with(one); });
    if (stop == stops_.end()) continue;
    stopped_by_ = *stop;
    held_.resize(looked_at_ - stop->size());
    return std::exchange(held_, {});
  }
  std::string ready = held_.substr(0, held_.size() - undecided());
  held_.erase(0, ready.size());
  looked_at_ = held_.size();
  return ready;
}

std::string StopFilter::finish() { return std::exchange(held_, {}); }

std::size_t StopFilter::undecided() const {
  std::size_t most = utf8_cut_tail(held_);
  for (const auto& stop : stops_) {
    for (std::size_t length = std::min(stop.size() - 1, held_.size()); length > most; --length) {
      if (held_.ends_with(std::string_view(stop).substr(0, length))) most = length;
    }
  }
  // What is passed on ends with a whole character too.
  return most + utf8_cut_tail(std::string_view(held_).substr(0, held_.size() - most));
}

}  // namespace npu::text
