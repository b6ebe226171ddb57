#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include <tiffio.h>

#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

// What libtiff may allocate at once: whole strips and tiles, whose samples may be of four 32-bit
// channels, and tables.
constexpr std::size_t kBytesAPixel = 16;
constexpr std::size_t kTableBytes = 64 << 20;

struct File {
  Bytes bytes;
  std::uint64_t at = 0;
};

tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
  auto& file = *static_cast<File*>(handle);
  const std::uint64_t left =
      file.bytes.size() - std::min<std::uint64_t>(file.at, file.bytes.size());
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(size)));
  if (count != 0) std::memcpy(to, file.bytes.data() + file.at, count);
  file.at += count;
  return static_cast<tmsize_t>(count);
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& file = *static_cast<File*>(handle);
  file.at = offset + (whence == SEEK_CUR ? file.at : whence == SEEK_END ? file.bytes.size() : 0);
  return file.at;
}

toff_t size_of(thandle_t handle) { return static_cast<File*>(handle)->bytes.size(); }
tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }
int close_nothing(thandle_t) { return 0; }
int map(thandle_t handle, void** base, toff_t* size) {
  const auto& file = *static_cast<File*>(handle);
  *base = const_cast<std::byte*>(file.bytes.data());  // opened for reading
  *size = file.bytes.size();
  return 1;
}
void unmap_nothing(thandle_t, void*, toff_t) {}
// Clients send broken pictures as often as they like: nothing goes to stderr.
int say_nothing(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

Tiff open(File& file, std::size_t max_allocation) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  if (options == nullptr) return {nullptr, TIFFClose};
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(max_allocation));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), say_nothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), say_nothing, nullptr);
  return {TIFFClientOpenExt("picture", "r", &file, read, write_nothing, seek, close_nothing,
                            size_of, map, unmap_nothing, options.get()),
          TIFFClose};
}

}  // namespace

Result<Image> decode_tiff(Bytes bytes, const ImageInfo& info) {
  File file{bytes};
  const std::size_t pixels = std::size_t{info.width} * info.height;
  const Tiff tiff = open(file, pixels * kBytesAPixel + kTableBytes);
  if (tiff == nullptr) return malformed(info.format);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  // Straight colours would be multiplied by alpha. Said to be multiplied already, they come as they
  // are: alpha is dropped, not applied.
  std::uint16_t extra_count = 0;
  std::uint16_t* extra = nullptr;
  if (TIFFGetField(tiff.get(), TIFFTAG_EXTRASAMPLES, &extra_count, &extra) == 1 &&
      extra_count == 1) {
    const std::uint16_t multiplied = EXTRASAMPLE_ASSOCALPHA;
    TIFFSetField(tiff.get(), TIFFTAG_EXTRASAMPLES, 1, &multiplied);
  }
  if (width != info.width || height != info.height) return malformed(info.format);
  std::vector<std::uint32_t> raster(pixels);
  // Asked for in its own orientation, it comes as it is stored.
  if (TIFFReadRGBAImageOriented(tiff.get(), width, height, raster.data(), orientation, 1) == 0) {
    return malformed(info.format);
  }
  Image image = rgb_image(info);
  std::uint8_t* out = image.pixels().data();
  for (const std::uint32_t pixel : raster) {
    *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
  return image;
}

}  // namespace npu::media::codecs
