#include "services/segment/picture_segments.hpp"

#include <utility>

#include <fmt/format.h>

namespace npu::segment {
namespace {

vision::PictureInInput picture_in_input(const kit::Placement& placed) {
  return {.picture = placed.picture,
          .left = static_cast<float>(placed.left),
          .top = static_cast<float>(placed.top),
          .scale_x =
              static_cast<float>(placed.resized.width) / static_cast<float>(placed.picture.width),
          .scale_y = static_cast<float>(placed.resized.height) /
                     static_cast<float>(placed.picture.height)};
}

}  // namespace

PictureSegments::PictureSegments(kit::NetworkOutputs outputs, const kit::Placement& placed)
    : outputs_(std::move(outputs)), placed_(placed) {}

Result<std::unique_ptr<PictureSegments>> PictureSegments::find(
    const InferResult& result, const kit::Placement& placed,
    std::optional<vision::SegmentKind> head, const SegmentOptions& options) {
  auto outputs = kit::NetworkOutputs::of(result, kit::NetworkOutputs::Bytes::kAllowed);
  if (!outputs) return fail(outputs.error());
  std::unique_ptr<PictureSegments> segments(new PictureSegments(std::move(*outputs), placed));
  auto known = vision::find_segment_head(segments->outputs(), placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);
  segments->head_ = *known;
  segments->look(options);
  return segments;
}

void PictureSegments::look(const SegmentOptions& options) {
  segments_.emplace(head_, outputs(), placed_.input);
  vision::Candidates candidates = kit::candidates_for(placed_, options);
  segments_->decode(static_cast<float>(options.threshold), candidates);
  found_ = vision::suppress(std::move(candidates), kit::suppression_for(options));
}

Found PictureSegments::at(std::size_t i) const {
  const vision::Detection& one = found_.at(i);
  return {kit::in_picture(placed_, one.box), one.score, one.label};
}

vision::Rle PictureSegments::mask(std::size_t i) {
  const vision::Detection& one = found_.at(i);
  return vision::pixels_inside(segments_->field(one), one.box, picture_in_input(placed_));
}

Error masks_take_too_long(std::size_t objects, Millis max_time) {
  return {
      ErrorCode::kTooLarge,
      fmt::format("the masks of {} objects take more than {} ms of processor time; ask for "
                  "fewer with max_detections, threshold or classes, for another mask_format, or "
                  "send a smaller picture",
                  objects, max_time.count()),
      std::nullopt};
}

}  // namespace npu::segment
