#include "media/colormap.hpp"

#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "media/png_encode.hpp"

namespace npu::media {
namespace {

using Colour = std::array<std::uint8_t, 3>;

TEST(Colormap, Spot_values_are_those_of_Matplotlib) {
  const std::map<std::string_view, std::array<Colour, 5>> expected{
      {"viridis", {{{68, 1, 84}, {58, 82, 139}, {32, 144, 140}, {94, 201, 97}, {253, 231, 36}}}},
      {"plasma", {{{12, 7, 134}, {126, 3, 167}, {203, 71, 119}, {248, 149, 64}, {239, 248, 33}}}},
      {"magma", {{{0, 0, 3}, {80, 18, 123}, {182, 54, 121}, {251, 136, 97}, {251, 252, 191}}}},
      {"turbo", {{{48, 18, 59}, {40, 187, 235}, {164, 252, 59}, {250, 125, 32}, {122, 4, 2}}}},
      {"jet", {{{0, 0, 127}, {0, 128, 255}, {124, 255, 121}, {255, 148, 0}, {127, 0, 0}}}},
  };
  const FloatMap values{5, 1, {0.0F, 0.25F, 0.5F, 0.75F, 1.0F}};
  for (const auto name : kColormapNames) {
    const Image image = colorize(values, *colormap_from_name(name));
    for (std::size_t i = 0; i < 5; ++i) {
      const Colour got{image.pixels()[i * 3], image.pixels()[i * 3 + 1], image.pixels()[i * 3 + 2]};
      EXPECT_EQ(got, expected.at(name)[i]) << name << " at " << values.values[i];
    }
  }
}

// Sums over the table, plain and weighted by the position, computed with Matplotlib's formula.
TEST(Colormap, The_whole_computed_table_of_jet_is_right) {
  const std::array<std::pair<int, int>, 3> expected{
      {{30408, 5678296}, {34073, 4460041}, {30410, 2075967}}};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    int sum = 0;
    int weighted = 0;
    for (int i = 0; i < 256; ++i) {
      const int value = table_of(Colormap::kJet)[static_cast<std::size_t>(i)][channel];
      sum += value;
      weighted += i * value;
    }
    EXPECT_EQ(std::pair(sum, weighted), expected[channel]) << channel;
  }
}

TEST(Colormap, Values_out_of_range_take_the_ends) {
  const FloatMap values{5,
                        1,
                        {-1.0F, 2.0F, std::numeric_limits<float>::quiet_NaN(),
                         std::numeric_limits<float>::infinity(), -0.0F}};
  const Image image = colorize(values, Colormap::kViridis);
  EXPECT_EQ(image.pixels()[0], 68);
  EXPECT_EQ(image.pixels()[3], 253);
  EXPECT_EQ(image.pixels()[6], 68);
  EXPECT_EQ(image.pixels()[9], 253);
  EXPECT_EQ(image.pixels()[12], 68);
}

TEST(Colormap, Only_the_five_names_are_known) {
  EXPECT_FALSE(colormap_from_name("Viridis"));
  EXPECT_FALSE(colormap_from_name("hot"));
  EXPECT_FALSE(colormap_from_name(""));
}

}  // namespace
}  // namespace npu::media
