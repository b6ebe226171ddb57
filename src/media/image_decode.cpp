#include "media/image_decode.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "media/codecs/codecs.hpp"
#include "media/image_orient.hpp"
#include "media/image_probe.hpp"

namespace npu::media {
namespace {

// What JPEG can have. Resizing takes memory by the side, whatever the number of pixels.
constexpr std::uint32_t kMaxSide = 65535;

Result<Image> decode(std::span<const std::byte> bytes, const ImageInfo& info) {
  switch (info.format) {
    case ImageFormat::kPng: return codecs::decode_png(bytes, info);
    case ImageFormat::kJpeg: return codecs::decode_jpeg(bytes, info);
    case ImageFormat::kWebp: return codecs::decode_webp(bytes, info);
    case ImageFormat::kBmp: return codecs::decode_bmp(bytes, info);
    case ImageFormat::kTiff: return codecs::decode_tiff(bytes, info);
  }
  return fail(ErrorCode::kInternal, "a format without a decoder");
}

// Luma of ITU-R 601-2 with the rounding of Pillow's conversion to "L": grey stays as it is.
Image to_grey(const Image& rgb) {
  Image grey(rgb.width(), rgb.height(), 1);
  const std::uint8_t* in = rgb.pixels().data();
  for (std::uint8_t& out : grey.pixels()) {
    out = static_cast<std::uint8_t>((in[0] * 19595 + in[1] * 38470 + in[2] * 7471 + 0x8000) >> 16);
    in += 3;
  }
  return grey;
}

}  // namespace

Result<Image> decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto info = probe_image(bytes);
  if (!info) return fail(info.error());
  if (std::max(info->width, info->height) > kMaxSide) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("the image has {} x {} pixels, at most {} a side are allowed",
                            info->width, info->height, kMaxSide));
  }
  const std::uint64_t pixels = std::uint64_t{info->width} * info->height;
  if (pixels > options.max_pixels) {
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("the image has {} x {} pixels, at most {} million are allowed", info->width,
                    info->height, static_cast<double>(options.max_pixels) / 1e6));
  }
  auto image = decode(bytes, *info);
  if (!image) return fail(image.error());
  if (options.channels == 1) *image = to_grey(*image);
  if (options.apply_orientation) *image = upright(*image, info->orientation);
  return image;
}

}  // namespace npu::media
