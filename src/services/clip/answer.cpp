#include "services/clip/answer.hpp"

#include <iterator>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"

namespace npu::clip {

std::string classify_text(std::span<const Score> scores, const std::vector<std::string>& prompts,
                          double milliseconds, std::string_view model) {
  boost::json::array list;
  list.reserve(scores.size());
  for (const Score& one : scores) {
    list.push_back(
        {{"text", prompts[one.prompt]}, {"score", one.score}, {"rank", list.size() + 1}});
  }
  boost::json::object body;
  body["classifications"] = std::move(list);
  body["inference_time_ms"] = npu::json::rounded(milliseconds, 100);
  body["model"] = model;
  return npu::json::write(body);
}

void append_vector(std::string& out, std::span<const float> vector) {
  char separator = '[';
  for (const float value : vector) {
    fmt::format_to(std::back_inserter(out), "{}{}", separator, value);
    separator = ',';
  }
  out += ']';
}

std::string embedding_text(std::span<const float> vector, std::string_view model) {
  std::string text = "{\"embedding\":";
  append_vector(text, vector);
  text += fmt::format(",\"dimension\":{},\"model\":", vector.size());
  npu::json::append_string(text, model);
  return text + '}';
}

void draw_on(media::Image& picture, std::span<const Score> scores,
             const std::vector<std::string>& prompts) {
  if (scores.empty()) return;
  const Score& best = scores.front();
  media::Canvas canvas(picture);
  canvas.label({{0, 0}, {0, 0}}, fmt::format("{:.2f} {}", best.score, prompts[best.prompt]),
               media::palette_colour(best.prompt));
}

}  // namespace npu::clip
