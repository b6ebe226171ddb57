#include "media/png_encode.hpp"

#include <cstdlib>
#include <memory>
#include <vector>

#include <spng.h>

namespace npu::media {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Encoder = std::unique_ptr<spng_ctx, FreeContext>;

tl::unexpected<Error> failed() { return fail(ErrorCode::kInternal, "the PNG encoder failed"); }

// Speed counts more than size: such a picture is looked at once.
Encoder start(const spng_ihdr& header) {
  Encoder png(spng_ctx_new(SPNG_CTX_ENCODER));
  spng_ihdr ihdr = header;
  if (png == nullptr || spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1) != 0 ||
      spng_set_option(png.get(), SPNG_IMG_COMPRESSION_LEVEL, 1) != 0 ||
      spng_set_option(png.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP) != 0 ||
      spng_set_ihdr(png.get(), &ihdr) != 0) {
    return nullptr;
  }
  return png;
}

Result<std::string> finish(const Encoder& png) {
  std::size_t size = 0;
  int status = 0;
  const std::unique_ptr<void, Free> file(spng_get_png_buffer(png.get(), &size, &status));
  if (file == nullptr) return failed();
  return std::string(static_cast<const char*>(file.get()), size);
}

Result<std::string> encode(const spng_ihdr& header, std::span<const std::byte> pixels) {
  const Encoder png = start(header);
  if (png == nullptr || spng_encode_image(png.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG,
                                          SPNG_ENCODE_FINALIZE) != 0) {
    return failed();
  }
  return finish(png);
}

// Sample: of `channels` in each pixel.
template <class Sample, class FillRow>
Result<std::string> encode_rows(const spng_ihdr& header, std::size_t channels,
                                const FillRow& fill_row) {
  const Encoder png = start(header);
  if (png == nullptr || spng_encode_image(png.get(), nullptr, 0, SPNG_FMT_PNG,
                                          SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE) != 0) {
    return failed();
  }
  std::vector<Sample> row(header.width * channels);
  for (std::uint32_t y = 0; y < header.height; ++y) {
    fill_row(static_cast<int>(y), std::span<Sample>(row));
    const int status = spng_encode_row(png.get(), row.data(), row.size() * sizeof(Sample));
    if (status != (y + 1 < header.height ? 0 : SPNG_EOI)) return failed();
  }
  return finish(png);
}

spng_ihdr header_of(int width, int height, std::uint8_t bits, std::uint8_t color_type) {
  return {.width = static_cast<std::uint32_t>(width),
          .height = static_cast<std::uint32_t>(height),
          .bit_depth = bits,
          .color_type = color_type,
          .compression_method = 0,
          .filter_method = 0,
          .interlace_method = SPNG_INTERLACE_NONE};
}

}  // namespace

Result<std::string> encode_png(const Image& image) {
  const auto color_type = static_cast<std::uint8_t>(
      image.channels() == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR);
  return encode(header_of(image.width(), image.height(), 8, color_type),
                std::as_bytes(image.pixels()));
}

Result<std::string> encode_png(Size size, const FillRgb& fill_row) {
  return encode_rows<std::uint8_t>(header_of(size.width, size.height, 8, SPNG_COLOR_TYPE_TRUECOLOR),
                                   3, fill_row);
}

Result<std::string> encode_png16(Size size, const FillGrey16& fill_row) {
  return encode_rows<std::uint16_t>(
      header_of(size.width, size.height, 16, SPNG_COLOR_TYPE_GRAYSCALE), 1, fill_row);
}

}  // namespace npu::media
