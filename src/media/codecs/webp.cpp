// WebP, after the container specification: the first picture of an animation, on its canvas.
#include <algorithm>
#include <memory>

#include <webp/decode.h>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"
#include "media/codecs/webp_lossless.hpp"
#include "media/exif.hpp"

namespace npu::media::codecs {
namespace {

constexpr std::size_t kRiffHeader = 12;
constexpr std::size_t kChunkHeader = 8;
constexpr std::size_t kFrameHeader = 16;  // of ANMF, before the chunks of the frame

// Calls on_chunk(name, data) for each; data may be cut off. Ends where that returns false.
template <class OnChunk>
void each_chunk(Bytes chunks, OnChunk on_chunk) {
  while (chunks.size() >= 8) {
    const std::string_view name(reinterpret_cast<const char*>(chunks.data()), 4);
    const std::size_t size = *ByteReader(chunks, false).u32(4);
    const Bytes data = chunks.subspan(8, std::min(size, chunks.size() - 8));
    if (data.size() < size) return static_cast<void>(on_chunk(name, data, false));
    if (!on_chunk(name, data, true)) return;
    chunks = chunks.subspan(std::min(8 + size + size % 2, chunks.size()));
  }
}

struct Picture {
  Bytes bitstream;  // VP8 or VP8L, with the head of its chunk
  bool whole = false;
  std::uint32_t width = 0;  // of the canvas
  std::uint32_t height = 0;
  std::uint32_t x = 0;  // of the bitstream's picture on it
  std::uint32_t y = 0;
  int orientation = 1;
};

Picture find_picture(Bytes bytes) {
  Picture picture;
  const auto take = [&](std::string_view name, Bytes data, bool whole) {
    if (!picture.bitstream.empty() || (name != "VP8 " && name != "VP8L")) return;
    picture.bitstream = {data.data() - kChunkHeader, data.size() + kChunkHeader};
    picture.whole = whole;
  };
  each_chunk(bytes.subspan(kRiffHeader), [&](std::string_view name, Bytes data, bool whole) {
    const ByteReader in(data, false);
    take(name, data, whole);
    if (name == "VP8X" && in.size() >= 10) {
      picture.width = *in.number<3>(4) + 1;
      picture.height = *in.number<3>(7) + 1;
    } else if (name == "ANMF" && picture.bitstream.empty() && in.size() >= kFrameHeader) {
      picture.x = *in.number<3>(0) * 2;
      picture.y = *in.number<3>(3) * 2;
      each_chunk(data.subspan(kFrameHeader), [&](std::string_view inner, Bytes bits, bool all) {
        take(inner, bits, all);
        return true;
      });
    } else if (name == "EXIF" && whole) {
      picture.orientation = exif_orientation(data).value_or(picture.orientation);
    }
    return true;
  });
  return picture;
}

struct Found {
  Picture picture;
  WebPBitstreamFeatures bits{};
};

Result<Found> look(Bytes bytes) {
  Found found{find_picture(bytes)};
  Picture& picture = found.picture;
  if (!picture.whole) return cut_off(ImageFormat::kWebp);
  const auto status =
      WebPGetFeatures(reinterpret_cast<const std::uint8_t*>(picture.bitstream.data()),
                      picture.bitstream.size(), &found.bits);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return cut_off(ImageFormat::kWebp);
  if (status != VP8_STATUS_OK) return malformed(ImageFormat::kWebp);
  const auto width = static_cast<std::uint32_t>(found.bits.width);
  const auto height = static_cast<std::uint32_t>(found.bits.height);
  if (picture.width == 0) {
    picture.width = width;
    picture.height = height;
  }
  if (picture.x + width > picture.width || picture.y + height > picture.height) {
    return malformed(ImageFormat::kWebp);
  }
  return found;
}

// How many groups of prefix codes are read. A group's tables take 20.6 KB at most, a pixel four
// bytes and its share of the transforms' images; decoded at full size that is 400 MB. libwebp's own
// encoder makes no more than 2600, and 850 of 43 to 50 million pixels, whose tiles are larger.
std::uint32_t max_groups(std::uint64_t pixels) { return pixels > 43'000'000 ? 1000 : 2700; }

Result<void> check_groups(const Found& found, const CpuBudget& budget) {
  constexpr int kLossless = 2;  // as WebPBitstreamFeatures has it
  if (found.bits.format != kLossless) return {};
  const auto head = read_lossless_head(found.picture.bitstream.subspan(kChunkHeader), budget);
  if (!head) return fail(head.error());
  const auto most = max_groups(static_cast<std::uint64_t>(found.bits.width) *
                               static_cast<std::uint64_t>(found.bits.height));
  if (head->groups <= most) return {};
  return fail(ErrorCode::kTooLarge,
              fmt::format("the WebP image has {} groups of Huffman codes, and at most {} are read "
                          "of {} x {} pixels; save it with usual settings",
                          head->groups, most, found.bits.width, found.bits.height));
}

// VP8_STATUS_USER_ABORT: out of budget. Until there are rows, each piece may mean that the head is
// read again from its beginning, so that there must not be too many.
VP8StatusCode decode_in_pieces(Bytes bitstream, WebPDecoderConfig& config,
                               const CpuBudget& budget) {
  constexpr std::size_t kPiece = std::size_t{256} << 10;
  const std::unique_ptr<WebPIDecoder, decltype(&WebPIDelete)> decoder(
      WebPIDecode(nullptr, 0, &config), WebPIDelete);
  if (decoder == nullptr) return VP8_STATUS_OUT_OF_MEMORY;
  auto status = VP8_STATUS_SUSPENDED;
  for (std::size_t fed = 0; status == VP8_STATUS_SUSPENDED && fed < bitstream.size();) {
    if (budget.spent()) return VP8_STATUS_USER_ABORT;
    int rows = 0;
    WebPIDecGetRGB(decoder.get(), &rows, nullptr, nullptr, nullptr);
    fed = std::min(bitstream.size(), fed + (rows > 0 ? kPiece : std::max(kPiece, fed / 8)));
    status =
        WebPIUpdate(decoder.get(), reinterpret_cast<const std::uint8_t*>(bitstream.data()), fed);
  }
  return status;
}

}  // namespace

Result<ImageInfo> probe_webp(Bytes bytes) {
  const auto found = look(bytes);
  if (!found) return fail(found.error());
  const Picture& picture = found->picture;
  return ImageInfo{ImageFormat::kWebp, picture.width, picture.height, picture.orientation};
}

Result<Image> decode_webp(Bytes bytes, const ImageInfo& info, Size at_least,
                          const CpuBudget& budget) {
  const auto found = look(bytes);
  if (!found) return fail(found.error());
  const Picture& picture = found->picture;
  if (picture.width != info.width || picture.height != info.height) return malformed(info.format);
  if (const auto bounded = check_groups(*found, budget); !bounded) return fail(bounded.error());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    return fail(ErrorCode::kInternal, "libwebp is of another version");
  }
  const Size whole{static_cast<int>(info.width), static_cast<int>(info.height)};
  const Size own{found->bits.width, found->bits.height};
  const bool covers = own == whole;
  const int by = covers ? static_cast<int>(reduction(whole, at_least, 64)) : 1;
  const Size size{(whole.width + by - 1) / by, (whole.height + by - 1) / by};
  if (by > 1) {
    config.options.use_scaling = 1;
    config.options.scaled_width = size.width;
    config.options.scaled_height = size.height;
  }
  Image image(size.width, size.height, 3);
  if (!covers) std::ranges::fill(image.pixels(), std::uint8_t{0});  // transparent black
  const std::size_t stride = static_cast<std::size_t>(size.width) * 3;
  const auto room = image.pixels().subspan(picture.y * stride + picture.x * std::size_t{3});
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = room.data();
  config.output.u.RGBA.stride = static_cast<int>(stride);
  config.output.u.RGBA.size = room.size();
  const auto status = decode_in_pieces(picture.bitstream, config, budget);
  if (status == VP8_STATUS_OK) return image;
  if (status == VP8_STATUS_USER_ABORT) return too_slow(info.format, budget);
  if (status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_NOT_ENOUGH_DATA) {
    return cut_off(info.format);
  }
  return malformed(info.format);
}

}  // namespace npu::media::codecs
