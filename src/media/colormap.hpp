// Colour maps for one-channel data, as Matplotlib has them: 256 RGB entries.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "media/image.hpp"

namespace npu::media {

enum class Colormap { kViridis, kPlasma, kMagma, kTurbo, kJet };

inline constexpr std::array<std::string_view, 5> kColormapNames{"viridis", "plasma", "magma",
                                                                "turbo", "jet"};

std::optional<Colormap> colormap_from_name(std::string_view name);

// Red, green, blue and a zero: an entry is one word, which is copied at once.
using ColormapTable = std::array<std::array<std::uint8_t, 4>, 256>;
const ColormapTable& table_of(Colormap map);

// The entry int(value * 256), 1.0 being the last; values outside [0, 1] take the nearest end and
// not-a-number the first entry.
Image colorize(const FloatMap& values, Colormap map);
// rgb: three bytes for each value.
void colorize(std::span<const float> values, Colormap map, std::span<std::uint8_t> rgb);

}  // namespace npu::media
