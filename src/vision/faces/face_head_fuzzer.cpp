// The first bytes choose a head and the threshold, the rest is what the network gave, repeated, as
// it lies in memory. Shapes that are any go through find_face_head() too.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "vision/faces/face_head.hpp"
#include "vision/suppress.hpp"

namespace {

using Shape = std::vector<std::int64_t>;
using namespace npu;

constexpr std::size_t kHead = 4;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Layout {
  media::Size input;
  std::vector<Shape> shapes;
};

Layout of_strides(media::Size input, const std::vector<std::int64_t>& values, bool table,
                  int anchors) {
  Layout layout{.input = input, .shapes = {}};
  for (const int stride : vision::kStrides) {
    const std::int64_t height = input.height / stride;
    const std::int64_t width = input.width / stride;
    for (const std::int64_t count : values) {
      if (table) {
        layout.shapes.push_back({1, height * width * anchors, count});
      } else {
        layout.shapes.push_back({height, width, count * anchors});
      }
    }
  }
  return layout;
}

Layout layout_of(std::uint8_t choice) {
  switch (choice % 6) {
    case 0: return of_strides({96, 64}, {1, 4, 10}, false, 2);    // SCRFD on the chip
    case 1: return of_strides({96, 64}, {1, 4, 10}, true, 2);     // and as ONNX files have it
    case 2: return of_strides({96, 64}, {1, 1, 4, 10}, true, 1);  // YuNet
    case 3: return of_strides({96, 64}, {1, 1, 4, 10}, false, 1);
    case 4: return {{128, 128}, {{512, 1}, {384, 1}, {512, 16}, {384, 16}}};  // BlazeFace
    default: return {{128, 128}, {{1, 896, 1}, {1, 896, 16}}};
  }
}

void any_shapes(const std::uint8_t* data, std::size_t size) {
  std::vector<Shape> shapes(1);
  for (std::size_t i = 0; i < size && shapes.size() < 16; ++i) {
    if (data[i] == 0) {
      shapes.emplace_back();
    } else {
      shapes.back().push_back(data[i] < 128 ? data[i] : std::int64_t{1} << (data[i] - 128) % 63);
    }
  }
  std::vector<vision::Output> outputs(shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) outputs[i].shape = shapes[i];
  (void)vision::find_face_head(outputs, {96, 64});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead + sizeof(float)) return 0;
  any_shapes(data + kHead, size - kHead);
  const Layout layout = layout_of(data[0]);
  std::vector<float> given((size - kHead) / sizeof(float));
  std::memcpy(given.data(), data + kHead, given.size() * sizeof(float));
  std::vector<std::vector<float>> values;
  std::vector<vision::Output> outputs;
  values.reserve(layout.shapes.size());
  std::size_t next = data[1];
  for (const Shape& shape : layout.shapes) {
    std::size_t count = 1;
    for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
    auto& one = values.emplace_back(count);
    for (float& value : one) value = given[next++ % given.size()];
    outputs.push_back({shape, one, "output"});
  }
  const auto head = vision::find_face_head(outputs, layout.input);
  require(head.has_value());
  vision::Candidates candidates(1 + std::size_t{data[3]});
  vision::decode_faces(*head, outputs, layout.input, data[2] / 255.F, candidates);
  for (const auto& face : vision::suppress(std::move(candidates), {.max_detections = 50})) {
    require(face.score > 0 && face.score <= 1);
    require(face.box.right > face.box.left && face.box.bottom > face.box.top);
    for (const auto& point : vision::face_points_of(*head, outputs, layout.input, face.source)) {
      require(std::isfinite(point.x) && std::isfinite(point.y));
    }
  }
  return 0;
}
