#include <webp/decode.h>

#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {

Result<Image> decode_webp(Bytes bytes, const ImageInfo& info) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  Image image = rgb_image(info);
  // It fails where the picture is larger than the room.
  if (WebPDecodeRGBInto(data, bytes.size(), image.pixels().data(), image.pixels().size(),
                        image.width() * 3) == nullptr) {
    return malformed(info.format);
  }
  return image;
}

}  // namespace npu::media::codecs
