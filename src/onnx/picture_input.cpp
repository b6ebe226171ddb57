#include "onnx/picture_input.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "onnx/half.hpp"

namespace npu::onnx {
namespace {

constexpr std::size_t kLevels = 256;

bool is_channels(std::int64_t side) { return side == 1 || side == 3; }

// Whether channels come first; nothing where neither order makes a picture of 1 or 3 channels.
std::optional<bool> is_planar(const Shape& picture, const InputDescription& known) {
  const bool first = is_channels(picture[0]);
  const bool last = is_channels(picture[2]);
  if (known.layout) {
    const bool planar = *known.layout == PixelLayout::kNchw;
    return (planar ? first : last) ? std::optional(planar) : std::nullopt;
  }
  if (!first && !last) return std::nullopt;
  return !last;
}

tl::unexpected<Error> no_picture(const TensorSpec& graph, const InputDescription& known,
                                 std::string_view name) {
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("{} takes {} {}, which is no picture of 1 or 3 channels{}", name,
                  name_of(graph.dtype), to_string(graph.shape),
                  known.layout
                      ? fmt::format(" in the layout {}",
                                    kPixelLayoutNames.at(static_cast<std::size_t>(*known.layout)))
                      : ""));
}

std::string yaml_of(std::string_view name) {
  return std::string(name.substr(0, name.rfind('.'))) + ".yaml";
}

tl::unexpected<Error> nothing_known(const TensorSpec& graph, std::string_view name) {
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("{} takes {} {}, and nothing says how a picture becomes that: write {} "
                  "beside it, \"input: {{std: 255}}\" for values in 0..1 or \"input: {{std: "
                  "1}}\" for 0..255 (docs/reference/catalogue.md)",
                  name, name_of(graph.dtype), to_string(graph.shape), yaml_of(name)));
}

bool says_how(const InputDescription& known) {
  return known.mean || known.std || known.colour || known.layout || known.dtype;
}

void put_level(DType dtype, double value, std::byte* to) {
  if (dtype == DType::kFloat32) {
    const auto level = static_cast<float>(value);
    std::memcpy(to, &level, sizeof level);
  } else if (dtype == DType::kFloat16) {
    const std::uint16_t level = half_of(value);
    std::memcpy(to, &level, sizeof level);
  } else {
    *to = static_cast<std::byte>(std::lround(std::clamp(value, 0.0, 255.0)));
  }
}

}  // namespace

Result<PictureInput> PictureInput::create(const TensorSpec& graph, const InputDescription& known,
                                          std::string_view name) {
  PictureInput input;
  input.graph_ = graph;
  Shape& shape = input.graph_.shape;
  const std::size_t batch = shape.size() == 4 ? 1 : 0;
  if (shape.size() != batch + 3) return no_picture(graph, known, name);
  if (batch == 1 && shape[0] < 0) shape[0] = 1;
  if (batch == 1 && shape[0] != 1) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("{} takes {} pictures at a time: export it with a batch of 1", name, shape[0]));
  }
  const auto planar =
      is_planar({shape.begin() + static_cast<std::ptrdiff_t>(batch), shape.end()}, known);
  if (!planar) return no_picture(graph, known, name);
  std::int64_t& height = shape[batch + (*planar ? 1 : 0)];
  std::int64_t& width = shape[batch + (*planar ? 2 : 1)];
  const std::int64_t channels = shape[batch + (*planar ? 0 : 2)];
  if ((height < 0 && !known.height) || (width < 0 && !known.width)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} takes pictures of any size {}: write one into {} beside it, "
                            "\"input: {{width: 640, height: 640}}\", or export it with a fixed one",
                            name, to_string(graph.shape), yaml_of(name)));
  }
  const bool any_side = known.step.has_value();
  input.free_ = {batch == 1 && graph.shape[0] < 0, any_side && height < 0, any_side && width < 0};
  if (height < 0) height = *known.height;
  if (width < 0) width = *known.width;
  if (const auto bytes = byte_size(graph.dtype, shape); !bytes || *bytes == 0) {
    return no_picture(graph, known, name);
  }
  const DType dtype = graph.dtype;
  if (dtype != DType::kUint8 && dtype != DType::kFloat16 && dtype != DType::kFloat32) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} takes {}: of pictures can be made uint8, float16 and float32", name,
                            name_of(dtype)));
  }
  if (dtype != DType::kUint8 && !says_how(known)) return nothing_known(graph, name);

  input.channels_ = static_cast<std::size_t>(channels);
  input.pixels_ = static_cast<std::size_t>(height * width);
  input.planar_ = *planar && channels > 1;
  input.channels_first_ = *planar;
  input.reversed_ = channels == 3 && known.colour == PixelColour::kBgr;
  input.picture_ = {graph.name, DType::kUint8, {height, width, channels}};
  if (batch == 1) input.picture_.shape.insert(input.picture_.shape.begin(), 1);

  InputDescription::Channels mean{};
  InputDescription::Channels std{};
  std.fill(1);
  if (known.mean) mean = *known.mean;
  if (known.std) std = *known.std;
  const std::size_t size = size_of(dtype);
  std::vector<std::byte> levels(input.channels_ * kLevels * size);
  bool same = dtype == DType::kUint8 && !input.planar_ && !input.reversed_;
  for (std::size_t c = 0; c < input.channels_; ++c) {
    same = same && mean.at(c) == 0 && std.at(c) == 1;
    for (std::size_t x = 0; x < kLevels; ++x) {
      put_level(dtype, (static_cast<double>(x) - mean.at(c)) / std.at(c),
                levels.data() + (c * kLevels + x) * size);
    }
  }
  if (!same) input.levels_ = std::move(levels);
  return input;
}

// Element: unsigned and of the graph's size; its bits are moved, nothing is computed.
template <class Element>
void PictureInput::convert_to(const std::uint8_t* from, Element* to, std::size_t pixels) const {
  const std::size_t step = planar_ ? 1 : channels_;
  for (std::size_t c = 0; c < channels_; ++c) {
    Element level[kLevels];
    std::memcpy(level, levels_.data() + c * sizeof level, sizeof level);
    const std::uint8_t* x = from + (reversed_ ? channels_ - 1 - c : c);
    Element* out = to + (planar_ ? c * pixels : c);
    for (std::size_t i = 0; i < pixels; ++i) out[i * step] = level[x[i * channels_]];
  }
}

void PictureInput::convert_one(const std::byte* picture, std::byte* tensor,
                               std::size_t pixels) const {
  const auto* from = reinterpret_cast<const std::uint8_t*>(picture);
  switch (size_of(graph_.dtype)) {
    case 4: return convert_to(from, reinterpret_cast<std::uint32_t*>(tensor), pixels);
    case 2: return convert_to(from, reinterpret_cast<std::uint16_t*>(tensor), pixels);
    default: return convert_to(from, reinterpret_cast<std::uint8_t*>(tensor), pixels);
  }
}

void PictureInput::convert(std::span<const std::byte> picture, std::span<std::byte> tensor) const {
  convert_one(picture.data(), tensor.data(), pixels_);
}

TensorSpec PictureInput::graph_of(std::int64_t count, std::int64_t height,
                                  std::int64_t width) const {
  TensorSpec spec = graph_;
  const std::size_t at = spec.shape.size() - 3 + (channels_first_ ? 1 : 0);
  if (spec.shape.size() > 3) spec.shape[0] = count;
  spec.shape[at] = height;
  spec.shape[at + 1] = width;
  return spec;
}

void PictureInput::convert_all(std::span<const std::byte> pictures, std::int64_t count,
                               std::span<std::byte> tensor) const {
  const auto each = static_cast<std::size_t>(count);
  const std::size_t pixels = pictures.size() / each / channels_;
  for (std::size_t i = 0; i < each; ++i) {
    convert_one(pictures.data() + i * pictures.size() / each,
                tensor.data() + i * tensor.size() / each, pixels);
  }
}

}  // namespace npu::onnx
