#include <memory>
#include <type_traits>
#include <vector>

#include <turbojpeg.h>

#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

struct Destroy {
  void operator()(tjhandle handle) const { tjDestroy(handle); }
};

// A warning is about damaged pixels: as other readers do, they are shown as they are.
bool decompress(tjhandle handle, Bytes bytes, const ImageInfo& info, int format,
                std::uint8_t* pixels) {
  const int status = tjDecompress2(handle, reinterpret_cast<const unsigned char*>(bytes.data()),
                                   bytes.size(), pixels, static_cast<int>(info.width), 0,
                                   static_cast<int>(info.height), format, 0);
  return status == 0 || tjGetErrorCode(handle) == TJERR_WARNING;
}

// Programs that write four inks store them inverted (as the Adobe marker has it), so that the
// product with black is the colour.
void ink_to_rgb(std::span<const std::uint8_t> inks, std::span<std::uint8_t> pixels) {
  for (std::size_t i = 0; i < pixels.size() / 3; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      pixels[i * 3 + c] = static_cast<std::uint8_t>(inks[i * 4 + c] * inks[i * 4 + 3] / 255);
    }
  }
}

}  // namespace

Result<Image> decode_jpeg(Bytes bytes, const ImageInfo& info) {
  const std::unique_ptr<std::remove_pointer_t<tjhandle>, Destroy> owner(tjInitDecompress());
  tjhandle handle = owner.get();
  if (handle == nullptr) return fail(ErrorCode::kInternal, "no memory for the JPEG decoder");
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colors = -1;
  // Not its status: it refuses samplings that it has no name for, which can be decompressed.
  tjDecompressHeader3(handle, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      &width, &height, &subsampling, &colors);
  if (std::cmp_not_equal(width, info.width) || std::cmp_not_equal(height, info.height)) {
    return malformed(info.format);
  }
  Image image = rgb_image(info);
  if (colors == TJCS_CMYK || colors == TJCS_YCCK) {
    std::vector<std::uint8_t> inks(image.pixels().size() / 3 * 4);
    if (!decompress(handle, bytes, info, TJPF_CMYK, inks.data())) return malformed(info.format);
    ink_to_rgb(inks, image.pixels());
    return image;
  }
  if (!decompress(handle, bytes, info, TJPF_RGB, image.pixels().data())) {
    return malformed(info.format);
  }
  return image;
}

}  // namespace npu::media::codecs
