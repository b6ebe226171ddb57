// Where things lie in a picture.
#pragma once

namespace npu::media {

// In pixels; (0, 0) is the upper left corner of the upper left pixel, whose centre is (0.5, 0.5).
struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

struct Box {
  Point from;
  Point to;
  bool operator==(const Box&) const = default;
};

}  // namespace npu::media
