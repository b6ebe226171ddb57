#include "media/colormap.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "media/blocks.hpp"
#include "media/colormap_tables.hpp"

namespace npu::media {
namespace {

using Segment = std::pair<double, double>;  // position, value

// Position 0..255. In Matplotlib's order of operations, because truncation shows the last bit.
double interpolate(std::span<const Segment> segments, double x) {
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const double x0 = segments[i - 1].first * 255;
    const double x1 = segments[i].first * 255;
    const double y0 = segments[i - 1].second;
    if (x <= x1) return (x - x0) / (x1 - x0) * (segments[i].second - y0) + y0;
  }
  return segments.back().second;
}

ColormapTable make_jet() {
  constexpr std::array<Segment, 5> kRed{{{0, 0}, {0.35, 0}, {0.66, 1}, {0.89, 1}, {1, 0.5}}};
  constexpr std::array<Segment, 6> kGreen{
      {{0, 0}, {0.125, 0}, {0.375, 1}, {0.64, 1}, {0.91, 0}, {1, 0}}};
  constexpr std::array<Segment, 5> kBlue{{{0, 0.5}, {0.11, 1}, {0.34, 1}, {0.65, 0}, {1, 0}}};
  ColormapTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double x = 255 * (static_cast<double>(i) * (1.0 / 255));
    const auto byte = [&](std::span<const Segment> segments) {
      return static_cast<std::uint8_t>(interpolate(segments, x) * 255.0);
    };
    table[i] = {byte(kRed), byte(kGreen), byte(kBlue)};
  }
  return table;
}

}  // namespace

std::optional<Colormap> colormap_from_name(std::string_view name) {
  const auto found = std::ranges::find(kColormapNames, name);
  if (found == kColormapNames.end()) return std::nullopt;
  return static_cast<Colormap>(found - kColormapNames.begin());
}

const ColormapTable& table_of(Colormap map) {
  static const ColormapTable kJet = make_jet();
  switch (map) {
    case Colormap::kViridis: return kViridisTable;
    case Colormap::kPlasma: return kPlasmaTable;
    case Colormap::kMagma: return kMagmaTable;
    case Colormap::kTurbo: return kTurboTable;
    case Colormap::kJet: break;
  }
  return kJet;
}

void colorize(std::span<const float> values, Colormap map, std::span<std::uint8_t> rgb) {
  const ColormapTable& table = table_of(map);
  constexpr std::size_t kBlock = 64;
  std::array<int, kBlock> entries;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::uint8_t* to = rgb.data();
  for (; !values.empty(); values = values.subspan(std::min(values.size(), kBlock))) {
    const std::size_t count = std::min(values.size(), kBlock);
    fill_in_blocks(entries.data(), count, [from = values.data()](std::size_t i) {
      return truncated(from[i] * 256.0F, 255.0F);
    });
    // The fourth byte is written over by the next pixel; behind the last one there is no room.
    for (std::size_t i = 0; i + 1 < count; ++i, to += 3) {
      std::memcpy(to, table[static_cast<std::size_t>(entries[i])].data(), 4);
    }
    to = std::copy_n(table[static_cast<std::size_t>(entries[count - 1])].data(), 3, to);
  }
}

Image colorize(const FloatMap& values, Colormap map) {
  Image image(values.width, values.height, 3);
  colorize(values.values, map, image.pixels());
  return image;
}

}  // namespace npu::media
