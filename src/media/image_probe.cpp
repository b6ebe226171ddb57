#include "media/image_probe.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"

namespace npu::media {
namespace {

using std::string_view_literals::operator""sv;
using Bytes = std::span<const std::byte>;

// How far into a text it may say what it is.
constexpr std::size_t kTextHead = 1024;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

// What people send where a picture is wanted. Brands of ISO media files stand behind "ftyp".
constexpr Signature kOthers[] = {
    {4, "ftypavi"sv, "an AVIF image"},
    {4, "ftyphei"sv, "a HEIC image"},
    {4, "ftyphev"sv, "a HEIC image"},
    {4, "ftypmif1"sv, "a HEIC or AVIF image"},
    {4, "ftypmsf1"sv, "a HEIC or AVIF image"},
    {4, "ftypcr"sv, "a raw photograph"},
    {4, "ftyp"sv, "a video"},
    {0, "\x1a\x45\xdf\xa3"sv, "a video"},
    {8, "AVI "sv, "a video"},
    {0, "\xff\x0a"sv, "a JPEG XL image"},
    {4, "JXL \r\n\x87\n"sv, "a JPEG XL image"},
    {4, "jP  \r\n\x87\n"sv, "a JPEG 2000 image"},
    {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 image"},
    {0, "II+\0"sv, "a BigTIFF image"},
    {0, "MM\0+"sv, "a BigTIFF image"},
    {0, "\0\0\1\0"sv, "an icon"},
    {0, "8BPS"sv, "a Photoshop document"},
    {0, "qoif"sv, "a QOI image"},
    {0, "PK\3\4"sv, "a ZIP archive or an office document"},
    {0, "\xd0\xcf\x11\xe0"sv, "an office document"},
    {0, "\x1f\x8b"sv, "a gzip archive"},
    {128, "DICM"sv, "a DICOM image"},
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The name of something well-known that is not decoded here; "" for anything else.
std::string_view name_of_other(Bytes bytes) {
  const ByteReader in(bytes);
  for (const auto& [at, signature, name] : kOthers) {
    if (in.has(at, signature)) return name;
  }
  std::string head(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kTextHead));
  if (head.find("%PDF-") != head.npos) return "a PDF document";
  head = to_lower(head);
  const auto first = std::ranges::find_if_not(head, is_space);
  if (first == head.end() || *first != '<') return "";
  if (head.find("<svg") != head.npos) return "an SVG drawing";
  if (head.find("<html") != head.npos || head.find("<!doctype html") != head.npos) {
    return "a web page";
  }
  return "";
}

tl::unexpected<Error> unknown(Bytes bytes) {
  constexpr std::string_view kKnown = "JPEG, PNG, WebP, GIF, BMP, TIFF or PNM";
  if (bytes.empty()) return fail(ErrorCode::kMalformed, "the image is empty");
  const auto name = name_of_other(bytes);
  if (name.empty()) {
    return fail(ErrorCode::kMalformed,
                fmt::format("this is not an image in a known format; send {}", kKnown));
  }
  return fail(ErrorCode::kMalformed,
              fmt::format("this is {}, which is not read; convert it to {}", name, kKnown));
}

Result<ImageInfo> probe(Bytes bytes) {
  const ByteReader in(bytes);
  if (in.has(0, "\x89PNG\r\n\x1a\n"sv)) return codecs::probe_png(bytes);
  if (in.has(0, "\xff\xd8\xff"sv)) return codecs::probe_jpeg(bytes);
  if (in.has(0, "RIFF"sv) && in.has(8, "WEBP"sv)) return codecs::probe_webp(bytes);
  if (in.has(0, "BM"sv)) return codecs::probe_bmp(bytes);
  if (in.has(0, "II*\0"sv) || in.has(0, "MM\0*"sv)) return codecs::probe_tiff(bytes);
  if (in.has(0, "GIF87a"sv) || in.has(0, "GIF89a"sv)) return codecs::probe_gif(bytes);
  if (in.has(0, "P") && bytes.size() > 2 && is_space(static_cast<char>(bytes[2])) &&
      bytes[1] >= std::byte{'1'} && bytes[1] <= std::byte{'6'}) {
    return codecs::probe_pnm(bytes);
  }
  return unknown(bytes);
}

}  // namespace

std::string_view name_of(ImageFormat format) {
  constexpr std::array<std::string_view, 7> kNames{"png",  "jpeg", "webp", "bmp",
                                                   "tiff", "gif",  "pnm"};
  return kNames.at(static_cast<std::size_t>(format));
}

Result<ImageInfo> probe_image(Bytes bytes) {
  auto info = probe(bytes);
  if (!info) return info;
  if (info->width == 0 || info->height == 0) return codecs::malformed(info->format);
  return info;
}

}  // namespace npu::media
