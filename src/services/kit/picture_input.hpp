// How a picture is fitted into a network's input, and the way back for what the network finds.
//
//   Placement placed = place({1920, 1080}, {640, 640}, Fit::kLetterbox);
//   placed.resized       {640, 360}, its corner at (0, 140) of the input
//   placed.to_picture({320, 320})    {960, 540}
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "media/geometry.hpp"
#include "media/image_decode.hpp"

namespace npu::kit {

enum class Fit {
  kStretch,    // to the input's size, whatever the shape
  kLetterbox,  // as large as fits, in its middle; the rest is filled
  kCorner,     // the same in its upper left corner
  kCrop,       // as small as fills it; what stands out on both sides is cut off
};

struct FitOptions {
  Fit fit = Fit::kStretch;
  media::Resample resample = media::Resample::kBilinear;
  std::uint8_t fill = 114;  // beside a letterboxed picture
};

using media::Box;
using media::Point;

struct Placement {
  media::Size picture;
  media::Size input;
  media::Size resized;  // the whole picture's size where it lies in the input
  int left = 0;         // its corner in the input; negative where it stands out
  int top = 0;

  Point to_input(Point in_picture) const;
  // Its exact inverse. May lie outside the picture.
  Point to_picture(Point in_input) const;
  // Clipped to the picture.
  Box to_picture(const Box& in_input) const;
};

// How the model says that it wants its picture; otherwise: where it does not say.
FitOptions fit_of(const LoadedModel& model, Fit otherwise);

// Sizes are cut down to whole pixels, as int(picture * scale) does, and are at least 1. Both sizes
// are positive.
Placement place(media::Size picture, media::Size input, Fit fit);

// Decodes the picture into `out`: input.width * input.height * options.channels bytes. Blocks as
// media::decode_part() does and fails as it does.
Result<Placement> decode_fitted(std::span<const std::byte> bytes,
                                const media::DecodeOptions& options, const FitOptions& how,
                                media::Size input, std::span<std::uint8_t> out);

}  // namespace npu::kit
