#include "media/image_probe.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <webp/decode.h>

#include "media/byte_reader.hpp"

namespace npu::media {
namespace {

using std::string_view_literals::operator""sv;
using Bytes = std::span<const std::byte>;

constexpr int kMaxScans = 200;
constexpr std::uint32_t kWholePicture = 0xffffffff;
constexpr std::uint64_t kTileSlack = 1 << 22;
constexpr std::uint32_t kOrientationTag = 274;
constexpr std::string_view kExifHeader("Exif\0\0", 6);

tl::unexpected<Error> truncated(ImageFormat format) {
  return fail(ErrorCode::kMalformed, fmt::format("the {} image is truncated", name_of(format)));
}
tl::unexpected<Error> broken(ImageFormat format) {
  return fail(ErrorCode::kMalformed, fmt::format("the {} image is broken", name_of(format)));
}

// Calls on_entry(tag, value) for each entry of the first directory of a TIFF structure, which EXIF
// data is too; false where it is cut off. The value is of one number of 16 or 32 bits.
template <class OnEntry>
bool read_tiff_directory(Bytes bytes, OnEntry on_entry) {
  const ByteReader in(bytes, !bytes.empty() && bytes[0] == std::byte{'M'});
  const auto directory = in.u32(4);
  const auto entries = directory ? in.u16(*directory) : std::nullopt;
  if (!entries) return false;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t at = *directory + 2 + i * 12;
    if (!in.u32(at + 8)) return false;
    on_entry(*in.u16(at), *in.u16(at + 2) == 3 ? *in.u16(at + 8) : *in.u32(at + 8));
  }
  return true;
}

// Of EXIF data; 1 where it says none.
int orientation_of(Bytes exif) {
  int orientation = 1;
  read_tiff_directory(exif, [&](std::uint32_t tag, std::uint32_t value) {
    if (tag == kOrientationTag) orientation = static_cast<int>(value);
  });
  return orientation;
}

Result<ImageInfo> probe_png(Bytes bytes) {
  const ByteReader in(bytes);
  if (!in.has(12, "IHDR"))
    return in.size() < 16 ? truncated(ImageFormat::kPng) : broken(ImageFormat::kPng);
  const auto width = in.u32(16);
  const auto height = in.u32(20);
  if (!height) return truncated(ImageFormat::kPng);
  ImageInfo info{ImageFormat::kPng, *width, *height};
  std::size_t at = 8;
  for (;;) {
    const auto length = in.u32(at);
    if (!length || in.size() - at < 12 || *length > in.size() - at - 12) {
      return truncated(ImageFormat::kPng);
    }
    if (in.has(at + 4, "IEND")) break;
    if (in.has(at + 4, "eXIf")) info.orientation = orientation_of(bytes.subspan(at + 8, *length));
    at += 12 + static_cast<std::size_t>(*length);
  }
  return info;
}

// The offset of the next 0xff in bytes from `at`, or size().
std::size_t next_ff(Bytes bytes, std::size_t at) {
  if (at >= bytes.size()) return bytes.size();
  const void* found = std::memchr(bytes.data() + at, 0xff, bytes.size() - at);
  if (found == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
}

bool is_frame_header(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

Result<ImageInfo> probe_jpeg(Bytes bytes) {
  const ByteReader in(bytes);
  std::optional<ImageInfo> info;
  int orientation = 1;
  int scans = 0;
  std::size_t at = 2;
  for (;;) {
    const auto lead = in.u8(at);
    if (!lead) return truncated(ImageFormat::kJpeg);
    if (*lead != 0xff) return broken(ImageFormat::kJpeg);
    while (in.u8(at) == 0xffU) ++at;
    const auto marker = in.u8(at);
    if (!marker) return truncated(ImageFormat::kJpeg);
    ++at;
    if (*marker == 0xd9) break;                                             // end of image
    if (*marker == 0x01 || (*marker >= 0xd0 && *marker <= 0xd8)) continue;  // no length
    const auto length = in.u16(at);
    if (!length || *length > in.size() - at) return truncated(ImageFormat::kJpeg);
    if (*length < 2) return broken(ImageFormat::kJpeg);
    if (is_frame_header(*marker)) {
      if (info || *length < 8) return broken(ImageFormat::kJpeg);
      info = ImageInfo{ImageFormat::kJpeg, *in.u16(at + 5), *in.u16(at + 3)};
    }
    if (*marker == 0xe1 && *length >= 8 && in.has(at + 2, kExifHeader)) {
      orientation = orientation_of(bytes.subspan(at + 8, *length - 8));
    }
    at += *length;
    if (*marker != 0xda) continue;
    if (++scans > kMaxScans) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("a jpeg image may have at most {} scans", kMaxScans));
    }
    // Entropy-coded data: a 0xff in it is followed by 0 or a restart marker.
    for (at = next_ff(bytes, at);; at = next_ff(bytes, at + 1)) {
      const auto code = in.u8(at + 1);
      if (!code) return truncated(ImageFormat::kJpeg);
      if (*code != 0 && *code != 0xff && (*code < 0xd0 || *code > 0xd7)) break;
    }
  }
  if (!info || scans == 0) return broken(ImageFormat::kJpeg);
  info->orientation = orientation;
  return *info;
}

Result<ImageInfo> probe_webp(Bytes bytes) {
  const auto size = ByteReader(bytes, false).u32(4);
  if (*size > bytes.size() - 8) return truncated(ImageFormat::kWebp);
  WebPBitstreamFeatures features;
  const auto status =
      WebPGetFeatures(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return truncated(ImageFormat::kWebp);
  if (status != VP8_STATUS_OK) return broken(ImageFormat::kWebp);
  return ImageInfo{ImageFormat::kWebp, static_cast<std::uint32_t>(features.width),
                   static_cast<std::uint32_t>(features.height)};
}

Result<ImageInfo> probe_bmp(Bytes bytes) {
  const ByteReader in(bytes, false);
  const auto pixels = in.u32(10);
  const auto header = in.u32(14);
  if (!in.u32(30)) return truncated(ImageFormat::kBmp);
  if (*header < 40) return broken(ImageFormat::kBmp);
  const auto width = static_cast<std::int32_t>(*in.u32(18));
  const auto height = static_cast<std::int32_t>(*in.u32(22));  // negative: rows from the top
  const auto bits = *in.u16(28);
  const auto compression = *in.u32(30);
  if (width <= 0 || height == std::numeric_limits<std::int32_t>::min() || bits > 32) {
    return broken(ImageFormat::kBmp);
  }
  const auto rows = static_cast<std::uint32_t>(height < 0 ? -height : height);
  const bool packed = compression == 1 || compression == 2;
  const std::uint64_t row_bytes = (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
  const std::uint64_t needed = packed ? 1 : row_bytes * rows;
  if (*pixels > in.size() || needed > in.size() - *pixels) return truncated(ImageFormat::kBmp);
  return ImageInfo{ImageFormat::kBmp, static_cast<std::uint32_t>(width), rows};
}

Result<ImageInfo> probe_tiff(Bytes bytes) {
  ImageInfo info{ImageFormat::kTiff};
  std::uint32_t tile_width = 0;
  std::uint32_t tile_height = 0;
  const bool whole = read_tiff_directory(bytes, [&](std::uint32_t tag, std::uint32_t value) {
    switch (tag) {
      case 256: info.width = value; break;
      case 257: info.height = value; break;
      case kOrientationTag: info.orientation = static_cast<int>(value); break;
      case 278: tile_height = value == kWholePicture ? 0 : value; break;  // rows of a strip
      case 322: tile_width = value; break;
      case 323: tile_height = value; break;
      default: break;
    }
  });
  if (!whole) return truncated(ImageFormat::kTiff);
  // Decoders allocate whole tiles, however small the picture is.
  const std::uint64_t tile =
      std::uint64_t{std::max(tile_width, info.width)} * std::max(tile_height, info.height);
  const std::uint64_t picture = std::uint64_t{info.width} * info.height;
  if (tile > 2 * picture + kTileSlack) return broken(ImageFormat::kTiff);
  return info;
}

}  // namespace

std::string_view name_of(ImageFormat format) {
  constexpr std::array<std::string_view, 5> kNames{"png", "jpeg", "webp", "bmp", "tiff"};
  return kNames.at(static_cast<std::size_t>(format));
}

Result<ImageInfo> probe_image(Bytes bytes) {
  const ByteReader in(bytes);
  Result<ImageInfo> info = fail(
      ErrorCode::kMalformed, "this is not an image in a known format (png, jpeg, webp, bmp, tiff)");
  if (in.has(0, "\x89PNG\r\n\x1a\n"sv)) {
    info = probe_png(bytes);
  } else if (in.has(0, "\xff\xd8\xff"sv)) {
    info = probe_jpeg(bytes);
  } else if (in.has(0, "RIFF"sv) && in.has(8, "WEBP"sv)) {
    info = probe_webp(bytes);
  } else if (in.has(0, "BM"sv)) {
    info = probe_bmp(bytes);
  } else if (in.has(0, "II*\0"sv) || in.has(0, "MM\0*"sv)) {
    info = probe_tiff(bytes);
  }
  if (info && (info->width == 0 || info->height == 0)) return broken(info->format);
  return info;
}

}  // namespace npu::media
