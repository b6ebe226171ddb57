#include "services/ocr/answer.hpp"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"
#include "services/ocr/documents.hpp"

namespace npu::ocr {
namespace bj = boost::json;
namespace {

double rounded(double value) { return json::rounded(value, 1e4); }

bj::array corner(double x, double y) { return {std::lround(x), std::lround(y)}; }

bj::array box_of(const media::Box& box) {
  return {corner(box.from.x, box.from.y), corner(box.to.x, box.from.y), corner(box.to.x, box.to.y),
          corner(box.from.x, box.to.y)};
}

bj::array polygon_of(const vision::Quad& quad, media::Size picture) {
  bj::array points;
  for (const media::Point& at : quad) {
    points.push_back(corner(std::clamp(at.x, 0.0, static_cast<double>(picture.width)),
                            std::clamp(at.y, 0.0, static_cast<double>(picture.height))));
  }
  return points;
}

bj::array regions_of(const Page& page) {
  bj::array regions;
  regions.reserve(page.regions.size());
  int block = 0;
  int line = 0;
  for (const auto& in_block : page.blocks) {
    for (const auto& in_line : in_block) {
      for (const std::size_t i : in_line) {
        const Region& region = page.regions[i];
        regions.push_back({{"text", region.text},
                           {"confidence", rounded(region.confidence)},
                           {"bbox", box_of(pixels_of(region.quad, page.size))},
                           {"type", "text"},
                           {"polygon", polygon_of(region.quad, page.size)},
                           {"block", block},
                           {"line", line}});
      }
      ++line;
    }
    ++block;
  }
  return regions;
}

std::string joined(const Page& page) {
  std::string text;
  for (const Region& region : page.regions) {
    if (!text.empty()) text += ' ';
    text += region.text;
  }
  return text;
}

double mean_confidence(const Page& page) {
  double sum = 0;
  for (const Region& region : page.regions) sum += region.confidence;
  return page.regions.empty() ? 0 : sum / static_cast<double>(page.regions.size());
}

// Of U+4E00 to U+9FFF, the common Chinese characters, in UTF-8.
bool has_chinese(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (first >= 0xE5 && first <= 0xE9) return true;
    if (first == 0xE4 && second >= 0xB8) return true;
  }
  return false;
}

bool has_latin(std::string_view text) {
  return std::ranges::any_of(
      text, [](char one) { return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z'); });
}

}  // namespace

std::vector<std::string> languages_of(const Page& page) {
  const auto any = [&](auto has) {
    return std::ranges::any_of(page.regions,
                               [&](const Region& region) { return has(region.text); });
  };
  std::vector<std::string> languages;
  if (any(has_chinese)) languages.emplace_back("zh");
  if (any(has_latin)) languages.emplace_back("en");
  if (languages.empty() && !page.regions.empty()) {
    languages.push_back(page.regions.front().language);
  }
  return languages;
}

std::string extract_text(const Page& page, const ReadBy& by) {
  const auto languages = languages_of(page);
  bj::object body;
  body["success"] = true;
  body["text"] = joined(page);
  body["regions"] = regions_of(page);
  body["languages_detected"] = bj::array(languages.begin(), languages.end());
  body["statistics"] = {{"total_regions", page.regions.size()},
                        {"average_confidence", rounded(mean_confidence(page))}};
  body["performance"] = {{"detection_time_ms", page.detection_ms},
                         {"recognition_time_ms", page.recognition_ms},
                         {"total_time_ms", page.total_ms}};
  body["hailo_info"] = {{"device", by.device},
                        {"detection_model", by.detection},
                        {"recognition_model", by.recognition}};
  return json::write(body, json::Style::kSpaced);
}

std::string plain_list(const Page& page) {
  bj::array list;
  for (const Region& region : page.regions) {
    const media::Box box = pixels_of(region.quad, page.size);
    list.push_back({{"text", region.text},
                    {"x", std::lround(box.from.x)},
                    {"y", std::lround(box.from.y)},
                    {"width", std::lround(box.to.x - box.from.x)},
                    {"height", std::lround(box.to.y - box.from.y)}});
  }
  std::string text;
  json::append(text, bj::value(std::move(list)));
  return text;
}

std::string document(const Page& page, Format format, const ReadBy& by) {
  switch (format) {
    case Format::kText: return plain_text(page);
    case Format::kHocr: return hocr_text(page);
    case Format::kTsv: return tsv_text(page);
    case Format::kAlto: return alto_text(page);
    case Format::kJson: break;
  }
  return extract_text(page, by);
}

std::string_view content_type(Format format) {
  switch (format) {
    case Format::kText: return "text/plain; charset=utf-8";
    case Format::kHocr: return "text/html; charset=utf-8";
    case Format::kTsv: return "text/tab-separated-values; charset=utf-8";
    case Format::kAlto: return "application/xml; charset=utf-8";
    case Format::kJson: break;
  }
  return "application/json; charset=utf-8";
}

void draw_on(media::Image& picture, const Page& page) {
  media::Canvas canvas(picture);
  for (std::size_t i = page.regions.size(); i-- > 0;) {
    const Region& region = page.regions[i];
    const media::Colour colour = media::palette_colour(i);
    for (std::size_t k = 0; k < region.quad.size(); ++k) {
      canvas.line(region.quad[k], region.quad[(k + 1) % region.quad.size()], colour);
    }
    canvas.label(pixels_of(region.quad, page.size), region.text, colour);
  }
}

}  // namespace npu::ocr
