#include "media/palette.hpp"

#include <array>

namespace npu::media {
namespace {

// Sasha Trubetskoy's list of distinct colours, without black, white and apricot, which is close to
// beige.
constexpr std::array<Colour, kPaletteSize> kPalette{{
    {230, 25, 75},   {60, 180, 75},   {255, 225, 25}, {67, 99, 216},   {245, 130, 49},
    {145, 30, 180},  {66, 212, 244},  {240, 50, 230}, {191, 239, 69},  {250, 190, 212},
    {70, 153, 144},  {220, 190, 255}, {154, 99, 36},  {255, 250, 200}, {128, 0, 0},
    {170, 255, 195}, {128, 128, 0},   {0, 0, 117},    {169, 169, 169},
}};

// Luma of ITU-R 601.
int brightness(Colour colour) {
  return (299 * colour.red + 587 * colour.green + 114 * colour.blue) / 1000;
}

}  // namespace

Colour palette_colour(std::size_t number) { return kPalette[number % kPalette.size()]; }

Colour text_colour_on(Colour background) {
  constexpr int kBright = 128;
  return brightness(background) >= kBright ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

}  // namespace npu::media
