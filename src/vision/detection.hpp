// What a detector finds, in the network's input.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

namespace npu::vision {

// Edges in pixels; (0, 0) is the upper left corner of the upper left pixel.
struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
  bool operator==(const Box&) const = default;

  float area() const { return (right - left) * (bottom - top); }
};

struct Detection {
  Box box;
  float score = 0;           // 0..1
  int label = 0;             // the class, counted from 0
  std::uint32_t source = 0;  // where in the outputs: there lie its key points, or its mask

  // Of the same, wherever it was found.
  bool operator==(const Detection& other) const {
    return box == other.box && score == other.score && label == other.label;
  }
};

// Intersection over union, 0..1; 0 where a box is empty.
inline float overlap(const Box& a, const Box& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (!(width > 0 && height > 0)) return 0;
  const float both = width * height;
  return both / (a.area() + b.area() - both);
}

// Best first. Different detections are never equal: what is sorted by this does not depend on the
// order before.
inline bool before(const Detection& a, const Detection& b) {
  const auto key = [](const Detection& d) {
    return std::tuple(-d.score, d.label, d.box.left, d.box.top, d.box.right, d.box.bottom,
                      d.source);
  };
  return key(a) < key(b);
}

}  // namespace npu::vision
