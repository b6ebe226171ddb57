#include <memory>

#include <spng.h>

#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

// Of what chunks beside the pixels may hold, compressed or not.
constexpr std::size_t kMaxChunkBytes = 16 << 20;

}  // namespace

Result<Image> decode_png(Bytes bytes, const ImageInfo& info) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(0), spng_ctx_free);
  if (context == nullptr) return fail(ErrorCode::kInternal, "no memory for the PNG decoder");
  spng_ctx* png = context.get();
  std::size_t size = 0;
  if (spng_set_image_limits(png, info.width, info.height) != 0 ||
      spng_set_chunk_limits(png, kMaxChunkBytes, kMaxChunkBytes) != 0 ||
      spng_set_crc_action(png, SPNG_CRC_ERROR, SPNG_CRC_DISCARD) != 0 ||
      spng_set_png_buffer(png, bytes.data(), bytes.size()) != 0 ||
      spng_decoded_image_size(png, SPNG_FMT_RGB8, &size) != 0) {
    return malformed(info.format);
  }
  Image image = rgb_image(info);
  if (size != image.pixels().size() ||
      spng_decode_image(png, image.pixels().data(), size, SPNG_FMT_RGB8, 0) != 0) {
    return malformed(info.format);
  }
  return image;
}

}  // namespace npu::media::codecs
