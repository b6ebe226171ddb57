// PBM, PGM and PPM, plain and binary, of Netpbm's documentation.
#include <algorithm>
#include <optional>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

constexpr std::uint32_t kMaxPnmNumber = 1U << 24;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What stands before the binary pixels, and the plain ones.
class PnmText {
 public:
  PnmText(Bytes bytes, std::size_t at)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), at_(at) {}

  // Behind blanks and comments, which go to the end of the line; empty at anything else.
  std::optional<std::uint32_t> number() {
    skip();
    const std::size_t begin = at_;
    std::uint32_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = std::min(value * 10 + static_cast<std::uint32_t>(text_[at_] - '0'), kMaxPnmNumber);
    }
    return at_ == begin ? std::nullopt : std::optional(value);
  }
  // A pixel of a plain bitmap, which needs no blanks between.
  std::optional<std::uint32_t> digit() {
    skip();
    if (ended() || (text_[at_] != '0' && text_[at_] != '1')) return std::nullopt;
    return static_cast<std::uint32_t>(text_[at_++] - '0');
  }
  bool ended() const { return at_ >= text_.size(); }
  // Of what stands behind the one blank that ends the head.
  std::size_t behind_blank() const { return at_ + 1; }

 private:
  void skip() {
    while (!ended() && (is_blank(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  std::size_t at_;
};

struct PnmHead {
  bool plain = false;
  bool bitmap = false;
  std::size_t channels = 1;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t most = 1;  // of a sample
  std::size_t pixels_at = 0;
};

Result<PnmHead> pnm_head_of(Bytes bytes) {
  const auto kind = *ByteReader(bytes).u8(1) - '0';
  PnmHead head{.plain = kind <= 3, .bitmap = kind % 3 == 1, .channels = kind % 3 == 0 ? 3U : 1U};
  PnmText text(bytes, 2);
  const auto width = text.number();
  const auto height = width ? text.number() : std::nullopt;
  const auto most = height && !head.bitmap ? text.number() : std::optional(1U);
  if (!height || !most)
    return text.ended() ? cut_off(ImageFormat::kPnm) : malformed(ImageFormat::kPnm);
  if (*most < 1 || *most > 65535) return malformed(ImageFormat::kPnm);
  head.width = *width;
  head.height = *height;
  head.most = *most;
  head.pixels_at = text.behind_blank();
  return head;
}

std::uint8_t to_byte(std::uint32_t sample, std::uint32_t most) {
  return static_cast<std::uint8_t>((std::min(sample, most) * 255 + most / 2) / most);
}

void put(std::uint8_t*& out, std::uint8_t value, std::size_t channels) {
  out = std::fill_n(out, channels == 1 ? 3 : 1, value);
}

Result<Image> decode_plain(Bytes bytes, const PnmHead& head, Image image) {
  PnmText text(bytes, head.pixels_at - 1);
  std::uint8_t* out = image.pixels().data();
  const std::uint8_t* end = out + image.pixels().size();
  while (out != end) {
    const auto sample = head.bitmap ? text.digit() : text.number();
    if (!sample) return text.ended() ? cut_off(ImageFormat::kPnm) : malformed(ImageFormat::kPnm);
    put(out, to_byte(head.bitmap ? 1 - *sample : *sample, head.most), head.channels);
  }
  return image;
}

Result<Image> decode_binary(Bytes bytes, const PnmHead& head, Image image) {
  const std::size_t samples = head.width * head.channels;
  const std::size_t size = head.most > 255 ? 2 : 1;
  const std::size_t stride = head.bitmap ? (samples + 7) / 8 : samples * size;
  if (head.pixels_at > bytes.size() || (bytes.size() - head.pixels_at) / stride < head.height) {
    return cut_off(ImageFormat::kPnm);
  }
  std::uint8_t* out = image.pixels().data();
  for (std::size_t y = 0; y < head.height; ++y) {
    const auto row = bytes.subspan(head.pixels_at + y * stride, stride);
    for (std::size_t i = 0; i < samples; ++i) {
      const auto at = [&](std::size_t index) { return std::to_integer<std::uint32_t>(row[index]); };
      const std::uint32_t sample = head.bitmap ? 1 - ((at(i / 8) >> (7 - i % 8)) & 1)
                                   : size == 1 ? at(i)
                                               : at(i * 2) << 8 | at(i * 2 + 1);
      put(out, to_byte(sample, head.most), head.channels);
    }
  }
  return image;
}

}  // namespace

Result<ImageInfo> probe_pnm(Bytes bytes) {
  const auto head = pnm_head_of(bytes);
  if (!head) return fail(head.error());
  return ImageInfo{ImageFormat::kPnm, head->width, head->height};
}

Result<Image> decode_pnm(Bytes bytes, const ImageInfo& info) {
  const auto head = pnm_head_of(bytes);
  if (!head) return fail(head.error());
  return (head->plain ? decode_plain : decode_binary)(bytes, *head, rgb_image(info));
}

}  // namespace npu::media::codecs
