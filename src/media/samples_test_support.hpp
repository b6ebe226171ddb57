// Pictures of fuzz/image for tests, which run in this folder.
//
// Those named <format>_<variant>.<extension> were written by Pillow, ImageMagick and libtiff's
// tools (tiff_rgba_half with an alpha of one half put in), or by hand and opened by Pillow 9.4
// (bmp_os2, bmp_rle4, pnm_*_16bit and _plain). All show the same 32 x 24 pixels: a red,
// a green, a blue and a nearly white quarter, or the grey that Pillow makes of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace npu::media {

inline constexpr std::string_view kSamples = "fuzz/image";

inline std::vector<std::byte> sample(std::string_view name) {
  std::ifstream file(std::filesystem::path(kSamples) / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    const std::string name = entry.path().filename();
    if (name.find('_') != name.npos && name.find('.') != name.npos) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

// One of each format.
inline constexpr std::string_view kOneOfEach[] = {
    "png_rgb.png",   "jpeg_rgb.jpg",  "webp_lossy.webp", "bmp_24.bmp",
    "tiff_raw.tiff", "gif_plain.gif", "pnm_binary.ppm"};

}  // namespace npu::media
