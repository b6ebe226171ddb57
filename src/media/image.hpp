// Pictures in memory: dense rows from the top, interleaved channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace npu::media {

struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

// Pixels of a picture: `size` from (x, y) on.
struct Region {
  int x = 0;
  int y = 0;
  Size size;
};

// 8-bit picture, 1 (grey) or 3 (RGB) channels. Copies share the pixels.
class Image {
 public:
  Image() = default;
  // Unspecified pixels. All three positive.
  Image(int width, int height, int channels)
      : Image(width, height, channels,
              std::make_shared_for_overwrite<std::uint8_t[]>(bytes_of(width, height, channels))) {}
  // pixels: bytes_of(width, height, channels) bytes, kept alive by the pointer.
  Image(int width, int height, int channels, std::shared_ptr<std::uint8_t[]> pixels)
      : width_(width), height_(height), channels_(channels), pixels_(std::move(pixels)) {}

  static std::size_t bytes_of(int width, int height, int channels) {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(channels);
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  bool empty() const { return pixels_ == nullptr; }
  std::span<const std::uint8_t> pixels() const { return {pixels_.get(), size()}; }
  std::span<std::uint8_t> pixels() { return {pixels_.get(), size()}; }

 private:
  std::size_t size() const { return bytes_of(width_, height_, channels_); }

  int width_ = 0;
  int height_ = 0;
  int channels_ = 0;
  std::shared_ptr<std::uint8_t[]> pixels_;
};

// One float a pixel: a depth map, a heat map. values.size() == width * height.
struct FloatMap {
  int width = 0;
  int height = 0;
  std::vector<float> values;
};

}  // namespace npu::media
