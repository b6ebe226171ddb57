#include "media/jpeg_encode.hpp"

#include <algorithm>
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs it
#include <cstdlib>

#include <jpeglib.h>

#include <fmt/format.h>

namespace npu::media {
namespace {

// libjpeg with errors as values. Everything that may fail is called inside ask().
class Writer {
 public:
  Writer() {
    jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) {
      std::longjmp(static_cast<Writer*>(info->client_data)->failed_, 1);
    };
    errors_.output_message = [](j_common_ptr) {};
    info_.err = &errors_;
    info_.client_data = this;
  }
  ~Writer() {
    jpeg_destroy_compress(&info_);
    std::free(bytes_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // False where libjpeg fails, which it leaves by longjmp: nothing in here needs a destructor.
  bool write(const Image& image, int quality) {
    if (setjmp(failed_) != 0) return false;
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &bytes_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image.width());
    info_.image_height = static_cast<JDIMENSION>(image.height());
    info_.input_components = image.channels();
    info_.in_color_space = image.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    info_.comp_info[0].h_samp_factor = 1;
    info_.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info_, TRUE);
    const std::size_t stride = Image::bytes_of(image.width(), 1, image.channels());
    while (info_.next_scanline < info_.image_height) {
      // libjpeg does not write to it.
      auto* row = const_cast<JSAMPLE*>(image.pixels().data() + info_.next_scanline * stride);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  std::string text() const { return {reinterpret_cast<const char*>(bytes_), size_}; }

 private:
  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf failed_{};
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

Result<std::string> encode_jpeg(const Image& image, int quality) {
  if (std::max(image.width(), image.height()) > JPEG_MAX_DIMENSION) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("a JPEG has at most {} pixels a side, the picture has {} x {}",
                            JPEG_MAX_DIMENSION, image.width(), image.height()));
  }
  Writer writer;
  if (writer.write(image, quality)) return writer.text();
  return fail(ErrorCode::kUnavailable, "there is no memory for the picture as JPEG");
}

}  // namespace npu::media
