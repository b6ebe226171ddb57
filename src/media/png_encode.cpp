#include "media/png_encode.hpp"

#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace npu::media {
namespace {

Result<std::string> encode(const cv::Mat& picture) {
  try {
    std::vector<std::uint8_t> bytes;
    const std::vector<int> parameters{cv::IMWRITE_PNG_COMPRESSION, 1, cv::IMWRITE_PNG_STRATEGY,
                                      cv::IMWRITE_PNG_STRATEGY_DEFAULT};
    if (!cv::imencode(".png", picture, bytes, parameters)) {
      return fail(ErrorCode::kInternal, "the PNG encoder failed");
    }
    return std::string(bytes.begin(), bytes.end());
  } catch (const cv::Exception&) {
    return fail(ErrorCode::kInternal, "the PNG encoder failed");
  }
}

}  // namespace

Result<std::string> encode_png(const Image& image) {
  const cv::Mat picture(image.height(), image.width(), CV_8UC(image.channels()),
                        const_cast<std::uint8_t*>(image.pixels().data()));  // only read
  if (image.channels() == 1) return encode(picture);
  cv::Mat bgr;
  cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  return encode(bgr);
}

Result<std::string> encode_png16(int width, int height, std::span<const std::uint16_t> pixels) {
  return encode(cv::Mat(height, width, CV_16UC1, const_cast<std::uint16_t*>(pixels.data())));
}

}  // namespace npu::media
