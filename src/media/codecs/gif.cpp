// GIF: the first picture, on its canvas, as a viewer shows it before anything moves.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <gif_lib.h>

#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

struct GifBytes {
  explicit GifBytes(Bytes bytes, const CpuBudget* cpu = nullptr) : left(bytes), budget(cpu) {}

  Bytes left;
  bool ended = false;
  MeteredBudget budget;  // a byte of codes may ask for a table to be cleared twice
};

// At the end comes an empty block, as a file has one behind its pixels: missing there, it is no
// harm, and pixels that are missing are an error as before.
int read_gif(GifFileType* gif, GifByteType* to, int size) {
  auto& file = *static_cast<GifBytes*>(gif->UserData);
  if (file.budget.spent_after(static_cast<std::size_t>(size))) return 0;
  const std::size_t count = std::min(static_cast<std::size_t>(size), file.left.size());
  std::copy_n(reinterpret_cast<const GifByteType*>(file.left.data()), count, to);
  file.left = file.left.subspan(count);
  if (count != 0 || file.ended) return static_cast<int>(count);
  file.ended = true;
  *to = 0;
  return 1;
}

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, CloseGif>;

tl::unexpected<Error> wrong(const GifBytes& file) {
  return file.ended ? cut_off(ImageFormat::kGif) : malformed(ImageFormat::kGif);
}

// Behind the head of the first picture; empty where there is none. `around`: the number of what
// its canvas shows beside it, as Pillow has it: the transparent colour's, else 0.
Gif open_gif(GifBytes& file, std::size_t& around) {
  Gif gif(DGifOpen(&file, read_gif, nullptr));
  if (gif == nullptr) return nullptr;
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif.get(), &type) == GIF_ERROR) return nullptr;
    if (type == IMAGE_DESC_RECORD_TYPE) {
      return DGifGetImageDesc(gif.get()) == GIF_ERROR ? nullptr : std::move(gif);
    }
    if (type != EXTENSION_RECORD_TYPE) return nullptr;
    int code = 0;
    GifByteType* block = nullptr;
    int status = DGifGetExtension(gif.get(), &code, &block);
    while (status != GIF_ERROR && block != nullptr) {
      GraphicsControlBlock control{};
      if (code == GRAPHICS_EXT_FUNC_CODE &&
          DGifExtensionToGCB(block[0], block + 1, &control) != GIF_ERROR) {
        around = static_cast<std::size_t>(std::max(control.TransparentColor, 0));
      }
      status = DGifGetExtensionNext(gif.get(), &block);
    }
    if (status == GIF_ERROR) return nullptr;
  }
}

// Some pictures are larger than the canvas that they announce.
ImageInfo info_of(const GifFileType& gif) {
  const GifImageDesc& picture = gif.Image;
  return {ImageFormat::kGif,
          static_cast<std::uint32_t>(std::max(gif.SWidth, picture.Left + picture.Width)),
          static_cast<std::uint32_t>(std::max(gif.SHeight, picture.Top + picture.Height))};
}

// A number that has no colour is black; without any colours, numbers are greys.
GifColorType color_of(const ColorMapObject* colors, std::size_t number) {
  const auto grey = static_cast<GifByteType>(number);
  if (colors == nullptr) return {grey, grey, grey};
  if (number >= static_cast<std::size_t>(colors->ColorCount)) return {0, 0, 0};
  return colors->Colors[number];
}

// Of the n-th row in the file.
int row_of(int n, int height, bool interlaced) {
  if (!interlaced) return n;
  struct Pass {
    int first;
    int step;
  };
  for (const Pass pass : {Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}}) {
    const int rows = (height - pass.first + pass.step - 1) / pass.step;
    if (n < rows) return pass.first + n * pass.step;
    n -= std::max(rows, 0);
  }
  return height - 1;
}

}  // namespace

Result<ImageInfo> probe_gif(Bytes bytes) {
  GifBytes file(bytes);
  std::size_t around = 0;
  const Gif gif = open_gif(file, around);
  if (gif == nullptr) return wrong(file);
  return info_of(*gif);
}

Result<Image> decode_gif(Bytes bytes, const ImageInfo& info, const CpuBudget& budget) {
  GifBytes file(bytes, &budget);
  std::size_t around = 0;
  const Gif gif = open_gif(file, around);
  if (gif == nullptr) return wrong(file);
  const ImageInfo found = info_of(*gif);
  if (found.width != info.width || found.height != info.height) return malformed(info.format);

  const GifImageDesc& picture = gif->Image;
  const ColorMapObject* colors = picture.ColorMap != nullptr ? picture.ColorMap : gif->SColorMap;
  std::array<GifColorType, 256> palette{};
  for (std::size_t i = 0; i < palette.size(); ++i) palette.at(i) = color_of(colors, i);
  const auto put = [&](std::uint8_t* out, std::size_t number) {
    const GifColorType color = palette.at(number);
    *out++ = color.Red;
    *out++ = color.Green;
    *out++ = color.Blue;
    return out;
  };

  Image image = rgb_image(info);
  if (picture.Width != image.width() || picture.Height != image.height()) {
    const auto pixels = image.pixels();
    for (std::size_t i = 0; i < pixels.size(); i += 3) put(pixels.data() + i, around);
  }
  std::vector<GifPixelType> row(static_cast<std::size_t>(picture.Width));
  for (int n = 0; n < picture.Height; ++n) {
    if (DGifGetLine(gif.get(), row.data(), picture.Width) == GIF_ERROR) {
      return file.budget.spent() ? too_slow(info.format, budget) : wrong(file);
    }
    const int y = picture.Top + row_of(n, picture.Height, picture.Interlace);
    std::uint8_t* out = image.pixels().data() + Image::bytes_of(image.width(), y, 3) +
                        static_cast<std::ptrdiff_t>(picture.Left) * 3;
    for (const GifPixelType number : row) out = put(out, number);
  }
  return image;
}

}  // namespace npu::media::codecs
