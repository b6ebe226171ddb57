#include "services/kit/picture_input.hpp"

#include <algorithm>

namespace npu::kit {
namespace {

// One side. The offset is where it begins within the input.
struct Side {
  int length = 0;
  int offset = 0;
};

// Towards zero on both sides, as Python's // on what is positive.
Side centred(int picture, int input, double scale, Fit fit) {
  int length = std::max(1, static_cast<int>(picture * scale));
  length = fit == Fit::kCrop ? std::max(length, input) : std::min(length, input);
  const int offset = length <= input ? (input - length) / 2 : -((length - input) / 2);
  return {length, offset};
}

}  // namespace

FitOptions fit_of(const LoadedModel& model, Fit otherwise) {
  FitOptions options{.fit = otherwise};
  if (model.fit == "letterbox") options.fit = Fit::kLetterbox;
  if (model.fit == "corner") options.fit = Fit::kCorner;
  if (model.fit == "stretch") options.fit = Fit::kStretch;
  if (model.padding) options.fill = static_cast<std::uint8_t>(*model.padding);
  return options;
}

Placement place(media::Size picture, media::Size input, Fit fit) {
  if (fit == Fit::kStretch) return {picture, input, input};
  const double wide = static_cast<double>(input.width) / picture.width;
  const double high = static_cast<double>(input.height) / picture.height;
  const double scale = fit == Fit::kCrop ? std::max(wide, high) : std::min(wide, high);
  const Side across = centred(picture.width, input.width, scale, fit);
  const Side down = centred(picture.height, input.height, scale, fit);
  if (fit == Fit::kCorner) return {picture, input, {across.length, down.length}};
  return {picture, input, {across.length, down.length}, across.offset, down.offset};
}

Point Placement::to_input(Point in_picture) const {
  return {in_picture.x * resized.width / picture.width + left,
          in_picture.y * resized.height / picture.height + top};
}

Point Placement::to_picture(Point in_input) const {
  return {(in_input.x - left) * picture.width / resized.width,
          (in_input.y - top) * picture.height / resized.height};
}

Box Placement::to_picture(const Box& in_input) const {
  const auto clipped = [this](Point point) {
    point = to_picture(point);
    return Point{std::clamp(point.x, 0.0, static_cast<double>(picture.width)),
                 std::clamp(point.y, 0.0, static_cast<double>(picture.height))};
  };
  return {clipped(in_input.from), clipped(in_input.to)};
}

Result<Placement> decode_fitted(std::span<const std::byte> bytes,
                                const media::DecodeOptions& options, const FitOptions& how,
                                media::Size input, std::span<std::uint8_t> out) {
  const auto picture = media::size_of_image(bytes, options);
  if (!picture) return fail(picture.error());
  const Placement placed = place(*picture, input, how.fit);
  media::ResizedPart wanted{.whole = placed.resized, .how = how.resample};
  wanted.part = {.x = std::max(0, -placed.left),
                 .y = std::max(0, -placed.top),
                 .size = {std::min(placed.resized.width, input.width),
                          std::min(placed.resized.height, input.height)}};
  if (wanted.part.size != input) std::ranges::fill(out, how.fill);
  const auto channels = static_cast<std::size_t>(options.channels);
  const std::size_t stride = static_cast<std::size_t>(input.width) * channels;
  const std::size_t at = static_cast<std::size_t>(std::max(0, placed.top)) * stride +
                         static_cast<std::size_t>(std::max(0, placed.left)) * channels;
  const Status decoded = media::decode_part(bytes, options, wanted, out.subspan(at), stride);
  if (!decoded) return fail(decoded.error());
  return placed;
}

}  // namespace npu::kit
