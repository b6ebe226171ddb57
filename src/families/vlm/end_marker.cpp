#include "families/vlm/end_marker.hpp"

#include <algorithm>
#include <utility>

namespace npu::families {
namespace {

// Length of the longest end of text that consists of whole markers followed by the beginning of
// one.
std::size_t tail_length(std::string_view text, std::string_view marker) {
  std::size_t partial = std::min(text.size(), marker.size() - 1);
  while (partial > 0 && text.substr(text.size() - partial) != marker.substr(0, partial)) --partial;
  std::size_t length = partial;
  while (text.size() - length >= marker.size() &&
         text.substr(text.size() - length - marker.size(), marker.size()) == marker) {
    length += marker.size();
  }
  return length;
}

}  // namespace

std::string EndMarkerFilter::push(std::string_view piece) {
  held_ += piece;
  const std::size_t tail = tail_length(held_, marker_);
  std::string ready = held_.substr(0, held_.size() - tail);
  held_.erase(0, ready.size());
  return ready;
}

std::string EndMarkerFilter::finish() {
  while (held_.ends_with(marker_)) held_.resize(held_.size() - marker_.size());
  return std::exchange(held_, {});
}

}  // namespace npu::families
