// PNG: IHDR, PLTE, IDAT and IEND go to libspng; the other chunks, which say nothing about the
// pixels that are wanted, are stepped over unread, however large or broken they are.
#include <algorithm>
#include <cstring>
#include <memory>

#include <spng.h>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"
#include "media/exif.hpp"

namespace npu::media::codecs {
namespace {

constexpr std::size_t kSignature = 8;
// Length, name and check sum.
constexpr std::size_t kFrame = 12;
// What is inflated: 50 million pixels of three 16-bit samples.
constexpr std::uint64_t kMaxInflated = 300'000'000;

// Chunk after chunk, as far as they are there: the last may be cut off.
class Chunks {
 public:
  explicit Chunks(Bytes bytes) : left_(bytes.subspan(kSignature)) {}

  // To the next one; false at the end.
  bool next() {
    left_ = left_.subspan(chunk_.size());
    chunk_ = {};
    const auto length = ByteReader(left_).u32(0);
    if (!length || left_.size() < 8) return false;
    chunk_ = left_.first(std::min(left_.size(), kFrame + *length));
    return true;
  }
  bool is(std::string_view name) const { return ByteReader(chunk_).has(4, name); }
  Bytes chunk() const { return chunk_; }
  Bytes data() const {
    return chunk_.size() < kFrame ? Bytes{} : chunk_.subspan(8, chunk_.size() - kFrame);
  }

 private:
  Bytes left_;
  Bytes chunk_;
};

// What libspng reads.
class Stream {
 public:
  Stream(Bytes bytes, const CpuBudget& budget)
      : chunks_(bytes), left_(bytes.first(kSignature)), budget_(&budget) {}

  bool too_slow() const { return budget_.spent(); }

  static int read(spng_ctx*, void* self, void* to, std::size_t size) {
    return static_cast<Stream*>(self)->take({static_cast<std::byte*>(to), size}) ? 0 : SPNG_IO_EOF;
  }

 private:
  bool take(std::span<std::byte> to) {
    if (budget_.spent_after(to.size())) return false;
    while (!to.empty()) {
      while (left_.empty()) {
        if (!chunks_.next()) return false;
        if (chunks_.is("IHDR") || chunks_.is("PLTE") || chunks_.is("IDAT") || chunks_.is("IEND")) {
          left_ = chunks_.chunk();
        }
      }
      const std::size_t count = std::min(to.size(), left_.size());
      std::memcpy(to.data(), left_.data(), count);
      to = to.subspan(count);
      left_ = left_.subspan(count);
    }
    return true;
  }

  Chunks chunks_;
  Bytes left_;
  MeteredBudget budget_;
};

// In a pixel, by the colour type of the head.
std::uint32_t samples_of(Bytes bytes) {
  switch (ByteReader(bytes).u8(25).value_or(0)) {
    case SPNG_COLOR_TYPE_TRUECOLOR: return 3;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA: return 2;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA: return 4;
    default: return 1;
  }
}

}  // namespace

Result<ImageInfo> probe_png(Bytes bytes) {
  const ByteReader in(bytes);
  const auto height = in.u32(20);
  if (!height) return cut_off(ImageFormat::kPng);
  if (!in.has(12, "IHDR")) return malformed(ImageFormat::kPng);
  ImageInfo info{ImageFormat::kPng, *in.u32(16), *height};
  for (Chunks chunks(bytes); chunks.next() && !chunks.is("IEND");) {
    if (chunks.is("eXIf")) {
      info.orientation = exif_orientation(chunks.data()).value_or(info.orientation);
    }
  }
  return info;
}

Result<Image> decode_png(Bytes bytes, const ImageInfo& info, const CpuBudget& budget) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(0), spng_ctx_free);
  if (context == nullptr) return fail(ErrorCode::kInternal, "no memory for the PNG decoder");
  spng_ctx* png = context.get();
  Stream stream(bytes, budget);
  const auto bits = ByteReader(bytes).u8(24).value_or(0);
  const std::uint64_t unpacked =
      std::uint64_t{info.width} * info.height * bits * samples_of(bytes) / 8;
  if (unpacked > kMaxInflated) {
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("the png image has {} bytes of pixels, at most {} are unpacked; save it "
                    "with 8 bits a sample",
                    unpacked, kMaxInflated));
  }
  std::size_t size = 0;
  int status = spng_set_image_limits(png, info.width, info.height);
  if (status == 0) status = spng_set_png_stream(png, Stream::read, &stream);
  if (status == 0) status = spng_decoded_image_size(png, SPNG_FMT_RGB8, &size);
  if (status == 0) {
    Image image = rgb_image(info);
    if (size != image.pixels().size()) return malformed(info.format);
    status = spng_decode_image(png, image.pixels().data(), size, SPNG_FMT_RGB8, 0);
    if (status == 0) return image;
  }
  if (stream.too_slow()) return too_slow(info.format, budget);
  if (status == SPNG_IO_EOF) return cut_off(info.format);
  return fail(ErrorCode::kMalformed,
              fmt::format("the png image cannot be decoded: {}", spng_strerror(status)));
}

}  // namespace npu::media::codecs
