#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs it
#include <memory>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"
#include "media/exif.hpp"

namespace npu::media::codecs {
namespace {

// A file of several scans is kept as coefficients until its last one: two bytes for each sample.
constexpr std::uint64_t kMaxMemory = 320 << 20;
// Each scan walks all blocks of its components, whatever it says about them. A picture of 50
// million pixels that another program wrote as progressive JPEG takes 11 million such visits, a
// second of work for the slowest kind. Arithmetic decoding takes up to fifty times as long
// for one.
constexpr int kMaxScans = 200;
constexpr std::uint64_t kMaxVisits = 12'000'000;
constexpr std::uint64_t kArithmeticVisits = 48;

constexpr std::array<JOCTET, 2> kEndMarker{0xff, JPEG_EOI};

// libjpeg with errors as values. Everything that may fail is called inside ask().
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {
    jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { std::longjmp(self(info).failed_, 1); };
    errors_.emit_message = [](j_common_ptr info, int level) { self(info).heed(level); };
    errors_.output_message = [](j_common_ptr) {};
    info_.err = &errors_;
    info_.client_data = this;
  }
  ~Reader() { jpeg_destroy_decompress(&info_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  jpeg_decompress_struct& info() { return info_; }
  const jpeg_decompress_struct& info() const { return info_; }
  int orientation() const { return orientation_; }
  // Pixels are missing because the file ends.
  bool truncated() const { return truncated_; }
  // The file has ended, with or without its pixels, before its end marker.
  bool ended() const { return ended_; }

  // Runs a call of libjpeg; false where that fails. It is left by longjmp: nothing in it may need
  // a destructor.
  template <class Call>
  bool ask(Call call) {
    if (setjmp(failed_) != 0) return false;
    call();
    return true;
  }

  bool read_header() {
    return ask([&] {
      jpeg_create_decompress(&info_);
      source_.init_source = [](j_decompress_ptr) {};
      source_.term_source = [](j_decompress_ptr) {};
      source_.resync_to_restart = jpeg_resync_to_restart;
      source_.fill_input_buffer = [](j_decompress_ptr info) { return self(info).at_the_end(); };
      source_.skip_input_data = [](j_decompress_ptr info, long count) { self(info).skip(count); };
      source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes_.data());
      source_.bytes_in_buffer = bytes_.size();
      info_.src = &source_;
      jpeg_set_marker_processor(&info_, JPEG_APP0 + 1,
                                [](j_decompress_ptr info) { return self(info).look_at_app1(); });
      jpeg_read_header(&info_, TRUE);
    });
  }

  tl::unexpected<Error> error() {
    if (truncated_ || ended_) return cut_off(ImageFormat::kJpeg);
    std::array<char, JMSG_LENGTH_MAX> text{};
    errors_.format_message(reinterpret_cast<j_common_ptr>(&info_), text.data());
    return fail(ErrorCode::kMalformed,
                fmt::format("the jpeg image cannot be decoded: {}", text.data()));
  }

 private:
  template <class Info>
  static Reader& self(Info info) {
    return *static_cast<Reader*>(info->client_data);
  }

  // A warning is about damaged pixels: as other readers do, they are shown as they are.
  void heed(int level) {
    if (level < 0 && errors_.msg_code == JWRN_HIT_MARKER && ended_) truncated_ = true;
  }

  boolean at_the_end() {
    ended_ = true;
    source_.next_input_byte = kEndMarker.data();
    source_.bytes_in_buffer = kEndMarker.size();
    return TRUE;
  }

  void skip(long count) {
    if (count <= 0) return;
    const auto size = static_cast<std::size_t>(count);
    if (size > source_.bytes_in_buffer) {
      at_the_end();
    } else {
      source_.next_input_byte += size;
      source_.bytes_in_buffer -= size;
    }
  }

  boolean look_at_app1() {
    if (ended_) return TRUE;
    const auto rest = bytes_.last(source_.bytes_in_buffer);
    const auto length = ByteReader(rest).u16(0);
    if (length && *length >= 2 && *length <= rest.size()) {
      orientation_ = exif_orientation(rest.subspan(2, *length - 2)).value_or(orientation_);
    }
    skip(length ? static_cast<long>(std::max(*length, 2U)) : 2);
    return TRUE;
  }

  Bytes bytes_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  std::jmp_buf failed_{};
  int orientation_ = 1;
  bool ended_ = false;
  bool truncated_ = false;
};

std::uint64_t blocks_of(const jpeg_component_info& component) {
  return std::uint64_t{component.width_in_blocks} * component.height_in_blocks;
}

// What has been asked of the decoder so far.
class Work {
 public:
  explicit Work(const jpeg_decompress_struct& info) : info_(info) {}

  // Before each scan is decoded.
  Status add_scan() {
    ++scans_;
    for (int i = 0; i < info_.comps_in_scan; ++i) {
      const jpeg_component_info& component = *info_.cur_comp_info[i];
      visits_ += blocks_of(component) * (info_.arith_code != 0 ? kArithmeticVisits : 1);
      seen_ |= 1U << component.component_index;
    }
    if (scans_ <= kMaxScans && visits_ <= kMaxVisits) return {};
    return fail(ErrorCode::kTooLarge,
                fmt::format("the jpeg image has {} scans or more over {} x {} pixels, which is too "
                            "much work; save it as a baseline JPEG",
                            scans_, info_.image_width, info_.image_height));
  }

  // Whether all that a picture has was in the scans, which a file tells only by its end marker.
  bool complete() const {
    for (int i = 0; i < info_.num_components; ++i) {
      if ((seen_ & (1U << i)) == 0) return false;
      if (info_.coef_bits == nullptr) continue;
      for (const int missing_bits : std::span(info_.coef_bits[i])) {
        if (missing_bits != 0) return false;
      }
    }
    return true;
  }

 private:
  const jpeg_decompress_struct& info_;
  int scans_ = 0;
  std::uint64_t visits_ = 0;
  std::uint32_t seen_ = 0;  // bit n: component n
};

// By powers of two, which libjpeg does while it transforms.
void choose_scale(jpeg_decompress_struct& info, Size at_least) {
  info.scale_num = 1;
  info.scale_denom = reduction(
      Size{static_cast<int>(info.image_width), static_cast<int>(info.image_height)}, at_least, 8);
}

void choose_colors(jpeg_decompress_struct& info) {
  const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
}

Status check_memory(const jpeg_decompress_struct& info) {
  std::uint64_t bytes = std::uint64_t{info.output_width} * info.output_height * 3;
  for (int i = 0; i < info.num_components; ++i) {
    bytes += blocks_of(info.comp_info[i]) * sizeof(JBLOCK);
  }
  if (bytes <= kMaxMemory) return {};
  return fail(ErrorCode::kTooLarge,
              fmt::format("the jpeg image of several scans needs {} MiB to be decoded, at most {} "
                          "are allowed; save it as a baseline JPEG",
                          bytes >> 20, kMaxMemory >> 20));
}

// All scans, as coefficients; the last one is what is shown.
Status take_scans(Reader& reader, const CpuBudget& budget) {
  constexpr JDIMENSION kRowsBetween = 16;  // of blocks
  auto& info = reader.info();
  Work work(info);
  int event = JPEG_REACHED_SOS;
  while (event != JPEG_REACHED_EOI) {
    if (event == JPEG_REACHED_SOS) {
      if (const Status bearable = work.add_scan(); !bearable) return bearable;
    }
    if (info.input_iMCU_row % kRowsBetween == 0 && budget.spent()) {
      return too_slow(ImageFormat::kJpeg, budget);
    }
    if (!reader.ask([&] { event = jpeg_consume_input(&info); })) return reader.error();
  }
  if (reader.truncated() || (reader.ended() && !work.complete())) {
    return cut_off(ImageFormat::kJpeg);
  }
  if (!reader.ask([&] { jpeg_start_output(&info, info.input_scan_number); })) return reader.error();
  return {};
}

Status start(Reader& reader, const CpuBudget& budget) {
  auto& info = reader.info();
  info.do_block_smoothing = FALSE;  // guesses at what scans have left out
  const bool several = jpeg_has_multiple_scans(&info) != 0;
  info.buffered_image = several ? TRUE : FALSE;
  if (!reader.ask([&] { jpeg_calc_output_dimensions(&info); })) return reader.error();
  if (several) {
    if (const Status small = check_memory(info); !small) return small;
  }
  if (!reader.ask([&] { jpeg_start_decompress(&info); })) return reader.error();
  if (several) return take_scans(reader, budget);
  return Work(info).add_scan();
}

// Programs that write four inks store them inverted (as the Adobe marker has it), so that the
// product with black is the colour.
void ink_to_rgb(std::span<const std::uint8_t> inks, std::uint8_t* pixels) {
  for (std::size_t i = 0; i < inks.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      *pixels++ = static_cast<std::uint8_t>(inks[i + c] * inks[i + 3] / 255);
    }
  }
}

class Decoding final : public JpegRows {
 public:
  Decoding(Bytes bytes, const CpuBudget& budget) : reader_(bytes), budget_(budget) {}

  // Before all else; after a failure nothing else.
  Status begin(const ImageInfo& about, Size at_least) {
    if (!reader_.read_header()) return reader_.error();
    auto& info = reader_.info();
    if (info.image_width != about.width || info.image_height != about.height) {
      return malformed(ImageFormat::kJpeg);
    }
    choose_scale(info, at_least);
    choose_colors(info);
    if (const Status started = start(reader_, budget_); !started) return started;
    if (info.out_color_space == JCS_CMYK) inks_.resize(std::size_t{info.output_width} * 4);
    return {};
  }

  Size size() const override {
    const auto& info = reader_.info();
    return {static_cast<int>(info.output_width), static_cast<int>(info.output_height)};
  }

  const std::uint8_t* next() override {
    row_.resize(std::size_t{reader_.info().output_width} * 3);
    read_into(row_.data());
    return row_.data();
  }

  // The next row; false where there is none.
  bool read_into(std::uint8_t* out) {
    if (!status_) return false;
    if (budget_.spent()) return stop(too_slow(ImageFormat::kJpeg, budget_));
    auto& info = reader_.info();
    JSAMPROW row = inks_.empty() ? out : inks_.data();
    if (!reader_.ask([&] { jpeg_read_scanlines(&info, &row, 1); })) return stop(reader_.error());
    if (!inks_.empty()) ink_to_rgb(inks_, out);
    return true;
  }

  Status finish() override {
    const auto& info = reader_.info();
    while (status_ && info.output_scanline < info.output_height) next();
    if (!status_) return status_;
    // Arithmetic decoding does not say that it has run out of data.
    if (reader_.truncated() ||
        (info.arith_code != 0 && reader_.ended() && info.buffered_image == FALSE)) {
      return cut_off(ImageFormat::kJpeg);
    }
    return {};
  }

 private:
  bool stop(tl::unexpected<Error> why) {
    status_ = std::move(why);
    return false;
  }

  Reader reader_;
  const CpuBudget& budget_;
  std::vector<std::uint8_t> row_;
  std::vector<std::uint8_t> inks_;
  Status status_;
};

}  // namespace

Result<ImageInfo> probe_jpeg(Bytes bytes) {
  Reader reader(bytes);
  if (!reader.read_header()) return reader.error();
  return ImageInfo{ImageFormat::kJpeg, reader.info().image_width, reader.info().image_height,
                   reader.orientation()};
}

Result<std::unique_ptr<JpegRows>> open_jpeg(Bytes bytes, const ImageInfo& about, Size at_least,
                                            const CpuBudget& budget) {
  auto rows = std::make_unique<Decoding>(bytes, budget);
  if (const Status begun = rows->begin(about, at_least); !begun) return fail(begun.error());
  return rows;
}

Result<Image> decode_jpeg(Bytes bytes, const ImageInfo& about, Size at_least,
                          const CpuBudget& budget) {
  Decoding rows(bytes, budget);
  if (const Status begun = rows.begin(about, at_least); !begun) return fail(begun.error());
  Image image(rows.size().width, rows.size().height, 3);
  const auto stride = static_cast<std::size_t>(image.width()) * 3;
  std::uint8_t* out = image.pixels().data();
  for (int y = 0; y < image.height() && rows.read_into(out); ++y) out += stride;
  if (const Status done = rows.finish(); !done) return fail(done.error());
  return image;
}

}  // namespace npu::media::codecs
