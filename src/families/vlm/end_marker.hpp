// Drops an end marker from a stream of text pieces, however the pieces cut it.
#pragma once

#include <string>
#include <string_view>

namespace npu::families {

class EndMarkerFilter {
 public:
  explicit EndMarkerFilter(std::string_view marker) : marker_(marker) {}

  // What may be passed on now: everything but a tail that could still become the marker.
  std::string push(std::string_view piece);
  // The rest at the end of the text, without trailing markers.
  std::string finish();

 private:
  std::string marker_;
  std::string held_;
};

}  // namespace npu::families
