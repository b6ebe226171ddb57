#include "services/face/answer.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"
#include "tensor/base64.hpp"

namespace npu::face {
namespace {

// Told apart by who knows them from the Python project: red, blue, cyan, magenta, yellow.
constexpr std::array<media::Colour, vision::kFacePoints> kPointColours{
    {{255, 0, 0}, {0, 0, 255}, {0, 255, 255}, {255, 0, 255}, {255, 255, 0}}};
constexpr media::Colour kBoxColour{0, 255, 0};

}  // namespace

double digits(double value) { return npu::json::rounded(value, 1e4); }

boost::json::array box_json(const kit::Box& box) {
  const auto x = std::lround(box.from.x);
  const auto y = std::lround(box.from.y);
  return {x, y, std::lround(box.to.x) - x, std::lround(box.to.y) - y};
}

boost::json::array points_json(const Points& points) {
  boost::json::array list;
  for (std::size_t i = 0; i < points.size(); ++i) {
    list.push_back({{"type", kPointNames[i]},
                    {"x", npu::json::rounded(points[i].x, 100)},
                    {"y", npu::json::rounded(points[i].y, 100)}});
  }
  return list;
}

std::string jpeg_uri(std::string_view jpeg) {
  return "data:image/jpeg;base64," + base64_encode(std::as_bytes(std::span(jpeg)));
}

void draw_on(media::Image& picture, std::span<const Face> faces,
             std::span<const std::string> names) {
  media::Canvas canvas(picture);
  for (std::size_t i = faces.size(); i-- > 0;) {
    const Face& face = faces[i];
    canvas.box(face.box, kBoxColour);
    for (std::size_t k = 0; k < face.points.size(); ++k) {
      canvas.dot(face.points[k], kPointColours[k]);
    }
    canvas.label(face.box,
                 names.size() == faces.size() ? names[i] : fmt::format("{:.2f}", face.score),
                 kBoxColour);
  }
}

}  // namespace npu::face
