#include "text/end_filter.hpp"

#include <algorithm>
#include <utility>

namespace npu::text {
namespace {

// Where the longest end of text begins that consists of whole markers. may_be_cut: the last of them
// may be the beginning of one.
std::size_t begin_of_markers(std::string_view text, const std::vector<std::string>& markers,
                             bool may_be_cut) {
  std::vector<bool> is_end(text.size() + 1);
  is_end[text.size()] = true;
  std::size_t first = text.size();
  for (std::size_t at = text.size(); at-- > 0;) {
    const std::string_view rest = text.substr(at);
    is_end[at] = std::ranges::any_of(markers, [&](const std::string& marker) {
      if (rest.starts_with(marker)) return bool{is_end[at + marker.size()]};
      return may_be_cut && std::string_view(marker).starts_with(rest);
    });
    if (is_end[at]) first = at;
  }
  return first;
}

}  // namespace

EndFilter::EndFilter(std::vector<std::string> markers) : markers_(std::move(markers)) {
  std::erase(markers_, "");
}

std::string EndFilter::push(std::string_view piece) {
  held_ += piece;
  std::string ready = held_.substr(0, begin_of_markers(held_, markers_, true));
  held_.erase(0, ready.size());
  return ready;
}

std::string EndFilter::finish() {
  held_.resize(begin_of_markers(held_, markers_, false));
  return std::exchange(held_, {});
}

}  // namespace npu::text
