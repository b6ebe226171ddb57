#include "media/image_decode.hpp"

#include <limits>

#include <fmt/format.h>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "media/image_probe.hpp"

namespace npu::media {
namespace {

// OpenCV warns on stderr about every broken picture, and clients send those as often as they like.
void silence_opencv() {
  static const auto kSilenced =
      cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  (void)kSilenced;
}

void swap_red_and_blue(cv::Mat& picture) {
  for (int y = 0; y < picture.rows; ++y) {
    std::uint8_t* pixel = picture.ptr<std::uint8_t>(y);
    for (int x = 0; x < picture.cols; ++x, pixel += 3) std::swap(pixel[0], pixel[2]);
  }
}

}  // namespace

Result<Image> decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const auto info = probe_image(bytes);
  if (!info) return fail(info.error());
  const std::uint64_t pixels = std::uint64_t{info->width} * info->height;
  if (pixels > options.max_pixels) {
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("the image has {} x {} pixels, at most {} million are allowed", info->width,
                    info->height, static_cast<double>(options.max_pixels) / 1e6));
  }
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return fail(ErrorCode::kTooLarge, "the image file has more than 2 GiB");
  }
  const auto malformed = [&] {
    return fail(ErrorCode::kMalformed,
                fmt::format("the {} image cannot be decoded", name_of(info->format)));
  };
  int flags = options.channels == 1 ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR;
  if (!options.apply_orientation) flags |= cv::IMREAD_IGNORE_ORIENTATION;
  auto picture = std::make_shared<cv::Mat>();
  silence_opencv();
  try {
    const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8U,
                          const_cast<std::byte*>(bytes.data()));  // imdecode only reads it
    *picture = cv::imdecode(encoded, flags);
  } catch (const cv::Exception&) {
    return malformed();
  }
  if (picture->empty() || picture->depth() != CV_8U || picture->channels() != options.channels ||
      !picture->isContinuous() || picture->total() != pixels) {
    return malformed();
  }
  if (options.channels == 3) swap_red_and_blue(*picture);
  std::shared_ptr<std::uint8_t[]> memory(picture, picture->data);
  return Image(picture->cols, picture->rows, options.channels, std::move(memory));
}

}  // namespace npu::media
