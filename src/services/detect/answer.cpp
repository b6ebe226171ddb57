#include "services/detect/answer.hpp"

#include <cmath>
#include <ranges>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"

namespace npu::detect {
namespace {

double rounded(double value, double steps) { return std::round(value * steps) / steps; }
double confidence_of(const Found& one) { return rounded(one.score, 1e4); }
double pixels(double value) { return rounded(value, 100); }

boost::json::array bbox_of(const kit::Box& box) {
  const double x = pixels(box.from.x);
  const double y = pixels(box.from.y);
  return {x, y, pixels(box.to.x - x), pixels(box.to.y - y)};
}

boost::json::object plain(const Found& one, const kit::Labels& labels) {
  return {{"label", labels.name(one.label)},
          {"confidence", confidence_of(one)},
          {"bbox", bbox_of(one.box)}};
}

boost::json::object coco(const Found& one, const kit::Labels& labels, std::int64_t image_id) {
  return {{"image_id", image_id},
          {"category_id", labels.category_id(one.label)},
          {"bbox", bbox_of(one.box)},
          {"score", confidence_of(one)}};
}

}  // namespace

std::string answer_text(std::span<const Found> found, const kit::Labels& labels,
                        const DetectOptions& options) {
  boost::json::array list;
  for (const Found& one : found) {
    list.push_back(options.format == kit::ObjectFormat::kCoco ? coco(one, labels, options.image_id)
                                                              : plain(one, labels));
  }
  std::string text;
  npu::json::append(text, boost::json::value(std::move(list)));
  return text;
}

std::string deepstack_text(std::span<const Found> found, const kit::Labels& labels,
                           std::int64_t duration_ms) {
  boost::json::array predictions;
  for (const Found& one : found) {
    predictions.push_back({{"confidence", confidence_of(one)},
                           {"label", labels.name(one.label)},
                           {"x_min", std::lround(one.box.from.x)},
                           {"y_min", std::lround(one.box.from.y)},
                           {"x_max", std::lround(one.box.to.x)},
                           {"y_max", std::lround(one.box.to.y)}});
  }
  boost::json::object body;
  body["success"] = true;
  body["predictions"] = std::move(predictions);
  body["duration"] = duration_ms;
  return npu::json::write(body);
}

void draw_on(media::Image& picture, std::span<const Found> found, const kit::Labels& labels) {
  media::Canvas canvas(picture);
  for (const Found& one : std::views::reverse(found)) {
    const media::Colour colour = media::palette_colour(static_cast<std::size_t>(one.label));
    canvas.box(one.box, colour);
    canvas.label(one.box, fmt::format("{} {:.0f}%", labels.name(one.label), 100 * one.score),
                 colour);
  }
}

}  // namespace npu::detect
