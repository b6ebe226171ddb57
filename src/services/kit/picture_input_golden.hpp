// CRC-32 of what Pillow 9.4.0 makes of pictures whose samples are those of media/resize_golden.hpp.
//
//   letterbox: s = min(W / w, H / h); paste(im.resize((int(w * s), int(h * s)), how),
//              ((W - rw) // 2, (H - rh) // 2)) into a picture of 114; sides are at least 1
//   crop:      s = max(W / w, H / h); of im.resize((int(w * s), int(h * s)), how) the W x H
//              from ((rw - W) // 2, (rh - H) // 2) on; sides are at least W and H
//
// im is im.reduce(n) before, n the largest power of two with w // n and h // n at least the new
// sides.
#pragma once

#include <array>
#include <cstdint>

#include "services/kit/picture_input.hpp"

namespace npu::kit {

using media::Resample;

struct FitCase {
  int width, height, in_width, in_height;
  Fit fit;
  Resample resample;
  std::uint32_t crc;
};

// clang-format off
inline constexpr std::array<FitCase, 32> kFitCases{{
    {30, 20, 16, 16, Fit::kLetterbox, Resample::kBilinear, 0x8382babfU},
    {30, 20, 16, 16, Fit::kCrop, Resample::kBilinear, 0xc07e73eaU},
    {30, 20, 16, 16, Fit::kLetterbox, Resample::kBicubic, 0x44b58713U},
    {30, 20, 16, 16, Fit::kCrop, Resample::kBicubic, 0x2be4355bU},
    {20, 30, 16, 16, Fit::kLetterbox, Resample::kBilinear, 0x33bb00beU},
    {20, 30, 16, 16, Fit::kCrop, Resample::kBilinear, 0xc4965546U},
    {20, 30, 16, 16, Fit::kLetterbox, Resample::kBicubic, 0x55b068dfU},
    {20, 30, 16, 16, Fit::kCrop, Resample::kBicubic, 0x8547b1fbU},
    {31, 17, 24, 40, Fit::kLetterbox, Resample::kBilinear, 0x1b6a9584U},
    {31, 17, 24, 40, Fit::kCrop, Resample::kBilinear, 0x205d96baU},
    {31, 17, 24, 40, Fit::kLetterbox, Resample::kBicubic, 0xc59cb03fU},
    {31, 17, 24, 40, Fit::kCrop, Resample::kBicubic, 0x6ebd87c2U},
    {10, 40, 20, 12, Fit::kLetterbox, Resample::kBilinear, 0xbbc9748dU},
    {10, 40, 20, 12, Fit::kCrop, Resample::kBilinear, 0xc88c9104U},
    {10, 40, 20, 12, Fit::kLetterbox, Resample::kBicubic, 0xf3cff3cfU},
    {10, 40, 20, 12, Fit::kCrop, Resample::kBicubic, 0xe3e5e719U},
    {16, 16, 16, 16, Fit::kLetterbox, Resample::kBilinear, 0xd56183d9U},
    {16, 16, 16, 16, Fit::kCrop, Resample::kBilinear, 0xd56183d9U},
    {16, 16, 16, 16, Fit::kLetterbox, Resample::kBicubic, 0xd56183d9U},
    {16, 16, 16, 16, Fit::kCrop, Resample::kBicubic, 0xd56183d9U},
    {3, 2, 32, 20, Fit::kLetterbox, Resample::kBilinear, 0x0a2b33c5U},
    {3, 2, 32, 20, Fit::kCrop, Resample::kBilinear, 0x899b27e2U},
    {3, 2, 32, 20, Fit::kLetterbox, Resample::kBicubic, 0x43f4b917U},
    {3, 2, 32, 20, Fit::kCrop, Resample::kBicubic, 0xd050f7d5U},
    {70, 21, 24, 16, Fit::kLetterbox, Resample::kBilinear, 0x4ac9c45fU},
    {70, 21, 24, 16, Fit::kCrop, Resample::kBilinear, 0x8e596a7cU},
    {70, 21, 24, 16, Fit::kLetterbox, Resample::kBicubic, 0x7eed01baU},
    {70, 21, 24, 16, Fit::kCrop, Resample::kBicubic, 0xf9c042e0U},
    {1, 40, 9, 9, Fit::kLetterbox, Resample::kBilinear, 0x6e1f9582U},
    {1, 40, 9, 9, Fit::kCrop, Resample::kBilinear, 0xe50d9557U},
    {1, 40, 9, 9, Fit::kLetterbox, Resample::kBicubic, 0x890960caU},
    {1, 40, 9, 9, Fit::kCrop, Resample::kBicubic, 0x8153f0d3U},
}};
// clang-format on

}  // namespace npu::kit
