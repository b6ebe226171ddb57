#include "services/detect/answer.hpp"

#include <cmath>
#include <ranges>

#include <boost/json.hpp>

#include "json/write.hpp"
#include "media/canvas.hpp"

namespace npu::detect {

std::string answer_text(std::span<const Found> found, const kit::Labels& labels,
                        const DetectOptions& options) {
  boost::json::array list;
  for (const Found& one : found) {
    list.push_back(kit::object_json(one, labels, options));
  }
  std::string text;
  npu::json::append(text, boost::json::value(std::move(list)));
  return text;
}

std::string deepstack_text(std::span<const Found> found, const kit::Labels& labels,
                           std::int64_t duration_ms) {
  boost::json::array predictions;
  for (const Found& one : found) {
    predictions.push_back({{"confidence", kit::confidence_of(one.score)},
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
  for (const Found& one : std::views::reverse(found)) kit::draw_object(canvas, one, labels);
}

}  // namespace npu::detect
