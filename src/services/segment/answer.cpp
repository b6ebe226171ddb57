#include "services/segment/answer.hpp"

#include <boost/json.hpp>

#include "json/write.hpp"
#include "media/cpu_budget.hpp"
#include "media/png_encode.hpp"
#include "tensor/base64.hpp"
#include "vision/polygons.hpp"

namespace npu::segment {
namespace {

namespace bj = boost::json;

constexpr Millis kSlice{50};
constexpr std::uint8_t kWhite = 255;

bj::object runs(const vision::Rle& mask, bj::value counts) {
  bj::object runs;
  runs["size"] = bj::array{mask.size.height, mask.size.width};
  runs["counts"] = std::move(counts);
  return runs;
}

bj::array polygons(const vision::Rle& mask, double tolerance) {
  bj::array list;
  for (const vision::Polygon& one : vision::polygons_of(mask, tolerance)) {
    list.emplace_back(bj::array(one.begin(), one.end()));
  }
  return list;
}

std::string png_of(const vision::Rle& mask, const media::Region& bounds) {
  std::string text;
  Base64Appender base64(text);
  media::PngEncoder encoder(bounds.size, media::PngEncoder::Pixel::kGrey8,
                            [&](std::span<const std::byte> piece) { base64.add(piece); });
  for_each_band(mask, kWhite, [&](const media::Region&, std::span<const std::uint8_t> band) {
    for (; !band.empty(); band = band.subspan(encoder.row_bytes())) {
      encoder.add_row(band.first(encoder.row_bytes()));
    }
  });
  encoder.finish();
  base64.finish();
  return text;
}

bj::object png(const vision::Rle& mask) {
  const media::Region bounds = bounds_of(mask);
  bj::object picture;
  picture["bounds"] = bj::array{bounds.x, bounds.y, bounds.size.width, bounds.size.height};
  picture["png"] = nullptr;
  if (bounds.size.width > 0) picture["png"] = png_of(mask, bounds);
  return picture;
}

bj::value segmentation(const vision::Rle& mask, const SegmentOptions& options) {
  switch (options.mask_format) {
    case MaskFormat::kRle: return runs(mask, bj::value(vision::coco_text(mask)));
    case MaskFormat::kCounts: return runs(mask, bj::array(mask.counts.begin(), mask.counts.end()));
    case MaskFormat::kPolygon: return polygons(mask, options.polygon_tolerance);
    case MaskFormat::kPng: return png(mask);
    case MaskFormat::kNone: break;
  }
  return nullptr;
}

}  // namespace

AnswerText::AnswerText(PictureSegments& segments, const kit::Labels& labels,
                       const SegmentOptions& options, Millis max_time)
    : segments_(segments), labels_(labels), options_(options), max_time_(max_time) {}

Result<bool> AnswerText::add_some() {
  const media::CpuBudget slice(kSlice);
  while (next_ < segments_.size()) {
    add(next_++);
    if (used_ + slice.used() > max_time_ && next_ < segments_.size()) {
      return fail(masks_take_too_long(segments_.size(), max_time_));
    }
    if (!slice.spent()) continue;
    used_ += slice.used();
    return true;
  }
  text_ += ']';
  return false;
}

void AnswerText::add(std::size_t i) {
  bj::object one = kit::object_json(segments_.at(i), labels_, options_);
  if (options_.mask_format != MaskFormat::kNone) {
    const vision::Rle mask = segments_.mask(i);
    if (options_.format == kit::ObjectFormat::kPlain) one["area"] = vision::area_of(mask);
    one["segmentation"] = segmentation(mask, options_);
  }
  if (i > 0) text_ += ',';
  npu::json::append(text_, one);
}

}  // namespace npu::segment
