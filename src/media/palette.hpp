// Colours that people can tell apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace npu::media {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Colour&) const = default;
};

inline constexpr std::size_t kPaletteSize = 19;

// Of the class with this number. They repeat after kPaletteSize; neighbours are far apart.
Colour palette_colour(std::size_t number);

// Black or white, whichever can be read better on it.
Colour text_colour_on(Colour background);

}  // namespace npu::media
