#include "services/segment/drawing.hpp"

#include "media/canvas.hpp"
#include "media/cpu_budget.hpp"

namespace npu::segment {

Status draw_on(media::Image& picture, PictureSegments& segments, const kit::Labels& labels,
               const SegmentOptions& options, Millis max_time) {
  const media::CpuBudget budget(max_time);
  media::Canvas canvas(picture);
  for (std::size_t i = segments.size(); i > 0; --i) {
    if (budget.spent()) return fail(masks_take_too_long(segments.size(), max_time));
    const Found one = segments.at(i - 1);
    const media::Colour colour = media::palette_colour(static_cast<std::size_t>(one.label));
    if (options.mask_format != MaskFormat::kNone) {
      for_each_band(segments.mask(i - 1), 1, [&](const media::Region& band, auto pixels) {
        canvas.mask(band, pixels, colour);
      });
    }
    kit::draw_object(canvas, one, labels);
  }
  return {};
}

}  // namespace npu::segment
