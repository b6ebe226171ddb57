#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <tiffio.h>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"
#include "media/exif.hpp"

namespace npu::media::codecs {
namespace {

// Of each block of libtiff: whole strips and tiles as they are stored, and tables.
constexpr std::uint64_t kMaxBlock = 160 << 20;
// All strips or tiles, unpacked: 50 million pixels of three 16-bit samples.
constexpr std::uint64_t kMaxUnpacked = 300'000'000;
constexpr std::uint32_t kMaxPieces = 300'000;
// What libtiff turns into RGBA for us: a strip or tile and four bytes a pixel.
constexpr std::uint64_t kMaxConverted = 288 << 20;
// A strip or tile as it is stored, with Deflate, which may ask for 0.7 s of work with that much
// that holds nothing, and is not to be stopped within one.
constexpr std::uint64_t kMaxDeflated = 16 << 20;

struct TiffBytes {
  Bytes bytes;
  std::uint64_t at = 0;
};

tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
  auto& file = *static_cast<TiffBytes*>(handle);
  const std::uint64_t left =
      file.bytes.size() - std::min<std::uint64_t>(file.at, file.bytes.size());
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(size)));
  if (count != 0) std::memcpy(to, file.bytes.data() + file.at, count);
  file.at += count;
  return static_cast<tmsize_t>(count);
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& file = *static_cast<TiffBytes*>(handle);
  file.at = offset + (whence == SEEK_CUR ? file.at : whence == SEEK_END ? file.bytes.size() : 0);
  return file.at;
}

toff_t size_of(thandle_t handle) { return static_cast<TiffBytes*>(handle)->bytes.size(); }
tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }
int close_nothing(thandle_t) { return 0; }
int map(thandle_t handle, void** base, toff_t* size) {
  const auto& file = *static_cast<TiffBytes*>(handle);
  *base = const_cast<std::byte*>(file.bytes.data());  // opened for reading
  *size = file.bytes.size();
  return 1;
}
void unmap_nothing(thandle_t, void*, toff_t) {}
// Clients send broken pictures as often as they like: nothing goes to stderr.
int say_nothing(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

Tiff open_tiff(TiffBytes& file) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  if (options == nullptr) return {nullptr, TIFFClose};
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxBlock);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), say_nothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), say_nothing, nullptr);
  return {TIFFClientOpenExt("picture", "r", &file, read, write_nothing, seek, close_nothing,
                            size_of, map, unmap_nothing, options.get()),
          TIFFClose};
}

// Those that need no memory beside the pixels.
bool known_compression(std::uint16_t compression) {
  constexpr std::array<std::uint16_t, 9> kKnown{
      COMPRESSION_NONE,          COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
      COMPRESSION_CCITTFAX4,     COMPRESSION_LZW,      COMPRESSION_JPEG,
      COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,  COMPRESSION_PACKBITS};
  return std::ranges::find(kKnown, compression) != kKnown.end();
}

// A JPEG in a TIFF is decoded row by row where it has one scan; of several, libtiff would allow a
// hundred passes over the whole picture.
bool of_one_scan(Bytes jpeg) {
  const ByteReader in(jpeg);
  std::size_t at = 2;
  std::uint32_t components = 0;
  for (;;) {
    const auto marker = in.u16(at);
    const auto length = in.u16(at + 2);
    if (!length || *marker < 0xff00 || *length < 2) return false;
    if (*marker == 0xffda) return components != 0 && in.u8(at + 4) == components;
    if (*marker == 0xffc0 || *marker == 0xffc1) components = in.u8(at + 9).value_or(0);
    if (*marker == 0xffc2 || *marker > 0xffc8 || *marker == 0xffc3) {
      if (*marker <= 0xffcf && *marker != 0xffcc) return false;  // progressive, lossless, ...
    }
    at += 2 + std::size_t{*length};
  }
}

template <class Value>
Value field(TIFF* tiff, std::uint32_t tag) {
  Value value{};
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

// Strips hold the pixels as they are wanted.
bool is_plain_rgb(TIFF* tiff) {
  return TIFFIsTiled(tiff) == 0 && field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE) == 8 &&
         field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL) == 3 &&
         field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_RGB &&
         field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
}

Status check_pieces(TIFF* tiff, const ImageInfo& info, Bytes bytes) {
  const auto compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION);
  if (!known_compression(compression)) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the tiff image has compression {}; save it with LZW, Deflate, "
                            "PackBits, JPEG or none",
                            compression));
  }
  const bool tiled = TIFFIsTiled(tiff) != 0;
  const std::uint32_t count = tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const std::uint64_t piece = tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  if (piece == 0) return malformed(ImageFormat::kTiff);
  if (count > kMaxPieces || piece > kMaxBlock || piece > kMaxUnpacked / std::max(count, 1U)) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("the tiff image has {} strips or tiles of {} bytes, which is too much "
                            "to unpack; save it in smaller ones with 8 bits a sample",
                            count, piece));
  }
  const std::uint64_t pixels = std::uint64_t{info.width} * info.height;
  if (!is_plain_rgb(tiff) && piece + 4 * pixels > kMaxConverted) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("the tiff image has strips or tiles of {} bytes, which takes too much "
                            "memory; save it in smaller ones",
                            piece));
  }
  const bool deflated =
      compression == COMPRESSION_DEFLATE || compression == COMPRESSION_ADOBE_DEFLATE;
  if (!deflated && compression != COMPRESSION_JPEG) return {};
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t at = TIFFGetStrileOffset(tiff, i);
    const std::uint64_t size = TIFFGetStrileByteCount(tiff, i);
    if (deflated && size > kMaxDeflated) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("the tiff image has a strip or tile of {} deflated bytes; save it in "
                              "smaller ones",
                              size));
    }
    if (deflated) continue;
    if (at > bytes.size() || size > bytes.size() - at) return cut_off(ImageFormat::kTiff);
    if (!of_one_scan(bytes.subspan(at, size))) {
      return fail(ErrorCode::kMalformed,
                  "the tiff image has progressive JPEG inside; save it with baseline JPEG or LZW");
    }
  }
  return {};
}

class RgbaReader {
 public:
  explicit RgbaReader(TIFF* tiff) {
    std::array<char, 1024> why{};
    open_ = TIFFRGBAImageOK(tiff, why.data()) == 1 &&
            TIFFRGBAImageBegin(&image_, tiff, 1, why.data()) == 1;
  }
  ~RgbaReader() {
    if (open_) TIFFRGBAImageEnd(&image_);
  }
  RgbaReader(const RgbaReader&) = delete;
  RgbaReader& operator=(const RgbaReader&) = delete;

  bool open() const { return open_; }
  // Some rows as they are stored.
  bool read(std::uint32_t first, std::uint32_t count, std::uint32_t* raster) {
    image_.req_orientation = image_.orientation;
    image_.row_offset = static_cast<int>(first);
    return TIFFRGBAImageGet(&image_, raster, image_.width, count) == 1;
  }

 private:
  TIFFRGBAImage image_{};
  bool open_ = false;
};

// Rows of a strip or a row of tiles.
std::uint32_t rows_at_once(TIFF* tiff, std::uint32_t height) {
  const auto tag = TIFFIsTiled(tiff) != 0 ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP;
  return std::clamp(field<std::uint32_t>(tiff, tag), 1U, height);
}

// Four bytes a pixel become three, where they are.
Image to_rgb(std::shared_ptr<std::uint32_t[]> raster, const ImageInfo& info) {
  const std::size_t pixels = std::size_t{info.width} * info.height;
  auto* bytes = reinterpret_cast<std::uint8_t*>(raster.get());
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint32_t pixel = raster[i];
    bytes[i * 3] = static_cast<std::uint8_t>(TIFFGetR(pixel));
    bytes[i * 3 + 1] = static_cast<std::uint8_t>(TIFFGetG(pixel));
    bytes[i * 3 + 2] = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
  return {static_cast<int>(info.width), static_cast<int>(info.height), 3,
          std::shared_ptr<std::uint8_t[]>(std::move(raster), bytes)};
}

// Straight to where the pixels belong.
Result<Image> read_plain_rgb(TIFF* tiff, const ImageInfo& info, const CpuBudget& budget) {
  Image image = rgb_image(info);
  auto room = image.pixels();
  const std::size_t strip_size =
      Image::bytes_of(image.width(), static_cast<int>(rows_at_once(tiff, info.height)), 3);
  for (std::uint32_t strip = 0; !room.empty(); ++strip) {
    if (budget.spent()) return too_slow(info.format, budget);
    const auto part = room.first(std::min(room.size(), strip_size));
    const auto size = static_cast<tmsize_t>(part.size());
    if (TIFFReadEncodedStrip(tiff, strip, part.data(), size) != size) {
      return malformed(info.format);
    }
    room = room.subspan(part.size());
  }
  return image;
}

// Whatever libtiff knows, through its RGBA.
Result<Image> read_converted(TIFF* tiff, const ImageInfo& info, const CpuBudget& budget) {
  // Straight colours would be multiplied by alpha. Said to be multiplied already, they come as they
  // are: alpha is dropped, not applied.
  std::uint16_t extra_count = 0;
  std::uint16_t* extra = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra) == 1 && extra_count == 1) {
    const std::uint16_t multiplied = EXTRASAMPLE_ASSOCALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &multiplied);
  }
  RgbaReader reader(tiff);
  if (!reader.open()) return malformed(info.format);
  auto raster =
      std::make_shared_for_overwrite<std::uint32_t[]>(std::size_t{info.width} * info.height);
  const std::uint32_t step = rows_at_once(tiff, info.height);
  for (std::uint32_t y = 0; y < info.height; y += step) {
    if (budget.spent()) return too_slow(info.format, budget);
    const std::uint32_t rows = std::min(step, info.height - y);
    if (!reader.read(y, rows, raster.get() + std::size_t{y} * info.width)) {
      return malformed(info.format);
    }
  }
  return to_rgb(std::move(raster), info);
}

}  // namespace

Result<ImageInfo> probe_tiff(Bytes bytes) {
  ImageInfo info{ImageFormat::kTiff};
  std::uint64_t values = 0;
  const bool whole = read_tiff_directory(bytes, [&](const TiffEntry& entry) {
    values += entry.bytes() > 4 ? entry.bytes() : 0;
    switch (entry.tag) {
      case TIFFTAG_IMAGEWIDTH: info.width = entry.value; break;
      case TIFFTAG_IMAGELENGTH: info.height = entry.value; break;
      case kOrientationTag: info.orientation = static_cast<int>(entry.value); break;
      default: break;
    }
  });
  // libtiff copies the value of each tag. Those that overlap would be copied as often as the file
  // likes.
  if (!whole || values > bytes.size()) return cut_off(ImageFormat::kTiff);
  return info;
}

Result<Image> decode_tiff(Bytes bytes, const ImageInfo& info, const CpuBudget& budget) {
  TiffBytes file{bytes};
  const Tiff tiff = open_tiff(file);
  if (tiff == nullptr || field<std::uint32_t>(tiff.get(), TIFFTAG_IMAGEWIDTH) != info.width ||
      field<std::uint32_t>(tiff.get(), TIFFTAG_IMAGELENGTH) != info.height) {
    return malformed(info.format);
  }
  if (const Status bearable = check_pieces(tiff.get(), info, bytes); !bearable) {
    return fail(bearable.error());
  }
  return is_plain_rgb(tiff.get()) ? read_plain_rgb(tiff.get(), info, budget)
                                  : read_converted(tiff.get(), info, budget);
}

}  // namespace npu::media::codecs
