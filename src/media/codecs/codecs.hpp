// What is known of each format of ImageFormat. Internal to media/.
//
// probe_*: size and orientation of bytes that begin as the format does. It is no stricter than the
// decoder: what that opens with a warning (junk between segments, no end marker) it passes. It may
// pass what that refuses.
//
// decode_*: the RGB pixels as they are stored, of what the probe has passed, with a size that is
// within the caller's bounds; exactly of that size, or, where it takes at_least, smaller by a power
// of two that leaves it. kMalformed: broken, or pixels are missing. kTooLarge: it would take too
// much memory or work, or has used up its budget. Those without a budget work for each byte of the
// file and each pixel a fixed time. Alpha is dropped; 16-bit samples become 8-bit.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <fmt/format.h>

#include <npu/result.hpp>

#include "media/cpu_budget.hpp"
#include "media/image.hpp"
#include "media/image_probe.hpp"
#include "media/resize.hpp"

namespace npu::media::codecs {

using Bytes = std::span<const std::byte>;

Result<ImageInfo> probe_png(Bytes bytes);
Result<ImageInfo> probe_jpeg(Bytes bytes);
Result<ImageInfo> probe_webp(Bytes bytes);
Result<ImageInfo> probe_bmp(Bytes bytes);
Result<ImageInfo> probe_tiff(Bytes bytes);
Result<ImageInfo> probe_gif(Bytes bytes);
Result<ImageInfo> probe_pnm(Bytes bytes);

Result<Image> decode_png(Bytes bytes, const ImageInfo& info, const CpuBudget& budget);
Result<Image> decode_jpeg(Bytes bytes, const ImageInfo& info, Size at_least,
                          const CpuBudget& budget);
// The rows of a JPEG as they are decoded, RGB; after what goes wrong they are of any content.
class JpegRows : public RowSource {
 public:
  virtual Size size() const = 0;
  // After the last that is wanted: decodes what is left. Fails as decode_jpeg() does.
  virtual Status finish() = 0;
};
// bytes and budget outlive it.
Result<std::unique_ptr<JpegRows>> open_jpeg(Bytes bytes, const ImageInfo& info, Size at_least,
                                            const CpuBudget& budget);

Result<Image> decode_webp(Bytes bytes, const ImageInfo& info, Size at_least,
                          const CpuBudget& budget);
Result<Image> decode_bmp(Bytes bytes, const ImageInfo& info);
Result<Image> decode_tiff(Bytes bytes, const ImageInfo& info, const CpuBudget& budget);
Result<Image> decode_gif(Bytes bytes, const ImageInfo& info, const CpuBudget& budget);
Result<Image> decode_pnm(Bytes bytes, const ImageInfo& info);

inline tl::unexpected<Error> malformed(ImageFormat format) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the {} image is broken or of a kind that is not read", name_of(format)));
}
inline tl::unexpected<Error> cut_off(ImageFormat format) {
  return fail(ErrorCode::kMalformed, fmt::format("the {} image is truncated", name_of(format)));
}
inline tl::unexpected<Error> too_slow(ImageFormat format, const CpuBudget& budget) {
  const std::chrono::duration<double> limit = budget.limit();
  return fail(ErrorCode::kTooLarge,
              fmt::format("the {} image takes more than {} s of processor time to decode; make it "
                          "smaller or save it with usual settings",
                          name_of(format), limit.count()));
}

// By which power of two, up to `most`, both sides can be divided and stay at_least; 1 where that is
// {}.
inline unsigned reduction(Size size, Size at_least, unsigned most) {
  if (at_least.width <= 0 || at_least.height <= 0) return 1;
  unsigned by = most;
  while (by > 1 &&
         (static_cast<unsigned>(size.width) / by < static_cast<unsigned>(at_least.width) ||
          static_cast<unsigned>(size.height) / by < static_cast<unsigned>(at_least.height))) {
    by /= 2;
  }
  return by;
}

// Room for the pixels.
inline Image rgb_image(const ImageInfo& info) {
  return Image(static_cast<int>(info.width), static_cast<int>(info.height), 3);
}

}  // namespace npu::media::codecs
