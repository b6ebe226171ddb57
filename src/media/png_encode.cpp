#include "media/png_encode.hpp"

#include <cstdlib>
#include <memory>

#include <spng.h>

namespace npu::media {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Speed counts more than size: such a picture is looked at once.
Result<std::string> encode(const spng_ihdr& header, std::span<const std::byte> pixels) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                    spng_ctx_free);
  spng_ctx* png = context.get();
  spng_ihdr ihdr = header;
  std::size_t size = 0;
  int status = 0;
  if (png == nullptr || spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1) != 0 ||
      spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, 1) != 0 ||
      spng_set_option(png, SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP) != 0 ||
      spng_set_ihdr(png, &ihdr) != 0 ||
      spng_encode_image(png, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) !=
          0) {
    return fail(ErrorCode::kInternal, "the PNG encoder failed");
  }
  const std::unique_ptr<void, Free> file(spng_get_png_buffer(png, &size, &status));
  if (file == nullptr) return fail(ErrorCode::kInternal, "the PNG encoder failed");
  return std::string(static_cast<const char*>(file.get()), size);
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

Result<std::string> encode_png16(int width, int height, std::span<const std::uint16_t> pixels) {
  return encode(header_of(width, height, 16, SPNG_COLOR_TYPE_GRAYSCALE), std::as_bytes(pixels));
}

}  // namespace npu::media
