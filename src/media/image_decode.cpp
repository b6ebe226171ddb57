#include "media/image_decode.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "media/codecs/codecs.hpp"
#include "media/image_orient.hpp"
#include "media/image_probe.hpp"
#include "media/resize.hpp"

namespace npu::media {
namespace {

using Bytes = std::span<const std::byte>;

// What JPEG can have. Resizing takes memory by the side, whatever the number of pixels.
constexpr std::uint32_t kMaxSide = 65535;

Result<Image> decode_rgb(Bytes bytes, const ImageInfo& info, Size at_least,
                         const CpuBudget& budget) {
  switch (info.format) {
    case ImageFormat::kPng: return codecs::decode_png(bytes, info, budget);
    case ImageFormat::kJpeg: return codecs::decode_jpeg(bytes, info, at_least, budget);
    case ImageFormat::kWebp: return codecs::decode_webp(bytes, info, at_least, budget);
    case ImageFormat::kBmp: return codecs::decode_bmp(bytes, info);
    case ImageFormat::kTiff: return codecs::decode_tiff(bytes, info, budget);
    case ImageFormat::kGif: return codecs::decode_gif(bytes, info, budget);
    case ImageFormat::kPnm: return codecs::decode_pnm(bytes, info);
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

// As it is stored.
Result<Image> decode(Bytes bytes, const ImageInfo& info, const DecodeOptions& options,
                     Size at_least) {
  const CpuBudget budget(options.cpu_time);
  auto image = decode_rgb(bytes, info, at_least, budget);
  // After the last step, which may have been a long one: there is more to be done with the picture.
  if (image && budget.spent()) return codecs::too_slow(info.format, budget);
  if (image && options.channels == 1) return to_grey(*image);
  return image;
}

// The orientation is 1 where it is not to be applied.
Result<ImageInfo> probe_within(Bytes bytes, const DecodeOptions& options) {
  auto info = probe_image(bytes);
  if (!info) return info;
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
  if (!options.apply_orientation) info->orientation = 1;
  return info;
}

// Upright.
Size size_of(const ImageInfo& info) {
  return upright_size({static_cast<int>(info.width), static_cast<int>(info.height)},
                      info.orientation);
}

// Whether decode_jpeg_part() gives what is wanted.
bool by_rows(const ImageInfo& info, const DecodeOptions& options, Size at_least) {
  const Size size{static_cast<int>(info.width), static_cast<int>(info.height)};
  return info.format == ImageFormat::kJpeg && info.orientation == 1 && options.channels == 3 &&
         codecs::reduction(size, at_least, 64) <= 8;  // as far as libjpeg goes
}

// Without the picture in memory.
Status decode_jpeg_part(Bytes bytes, const ImageInfo& info, const DecodeOptions& options,
                        Size at_least, const ResizedPart& wanted, std::span<std::uint8_t> out,
                        std::size_t stride) {
  const CpuBudget budget(options.cpu_time);
  const auto rows = codecs::open_jpeg(bytes, info, at_least, budget);
  if (!rows) return fail(rows.error());
  resize_into(**rows, (*rows)->size(), options.channels, wanted, out, stride);
  return (*rows)->finish();
}

Status decode_part(Bytes bytes, const ImageInfo& info, const DecodeOptions& options,
                   const ResizedPart& wanted, std::span<std::uint8_t> out, std::size_t stride) {
  // As it is stored: turning twice is turning back.
  const Size stored = upright_size(wanted.whole, info.orientation);
  if (by_rows(info, options, stored)) {
    return decode_jpeg_part(bytes, info, options, stored, wanted, out, stride);
  }
  auto image = decode(bytes, info, options, stored);
  if (!image) return fail(image.error());
  // For the decoders that cannot do it themselves.
  const Size decoded{image->width(), image->height()};
  *image = reduce(*image, static_cast<int>(codecs::reduction(decoded, stored, 64)));
  if (info.orientation == 1) {
    resize_into(*image, wanted, out, stride);
    return {};
  }
  // Turned when it is small.
  const Region part = stored_part(wanted.part, stored, info.orientation);
  Image turned(part.size.width, part.size.height, options.channels);
  const auto row = [&](const Image& of) {
    return static_cast<std::size_t>(of.width()) * static_cast<std::size_t>(options.channels);
  };
  resize_into(*image, {stored, part, wanted.how}, turned.pixels(), row(turned));
  turned = upright(turned, info.orientation);
  for (std::size_t y = 0; y < static_cast<std::size_t>(turned.height()); ++y) {
    std::copy_n(turned.pixels().data() + y * row(turned), row(turned), out.data() + y * stride);
  }
  return {};
}

}  // namespace

Result<Image> decode_image(Bytes bytes, const DecodeOptions& options) {
  const auto info = probe_within(bytes, options);
  if (!info) return fail(info.error());
  auto image = decode(bytes, *info, options, {});
  if (!image) return image;
  return upright(*image, info->orientation);
}

Result<Size> size_of_image(Bytes bytes, const DecodeOptions& options) {
  const auto info = probe_within(bytes, options);
  if (!info) return fail(info.error());
  return size_of(*info);
}

Status decode_part(Bytes bytes, const DecodeOptions& options, const ResizedPart& wanted,
                   std::span<std::uint8_t> out, std::size_t stride) {
  const auto info = probe_within(bytes, options);
  if (!info) return fail(info.error());
  return decode_part(bytes, *info, options, wanted, out, stride);
}

Result<Size> decode_resized(Bytes bytes, const DecodeOptions& options, Size size,
                            std::span<std::uint8_t> out) {
  const auto info = probe_within(bytes, options);
  if (!info) return fail(info.error());
  const auto stride =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(options.channels);
  const ResizedPart all{size, {0, 0, size}};
  if (const Status done = decode_part(bytes, *info, options, all, out, stride); !done) {
    return fail(done.error());
  }
  return size_of(*info);
}

}  // namespace npu::media
