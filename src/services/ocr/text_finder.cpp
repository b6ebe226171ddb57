#include "services/ocr/text_finder.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "vision/text_strip.hpp"

namespace npu::ocr {
namespace {

constexpr std::uint8_t kPadding = 128;  // beside a picture that does not fill its input

std::size_t bytes_of(std::int64_t count) { return static_cast<std::size_t>(count); }

void draw_tile(const media::Image& page, const Tile& tile, std::span<std::byte> out) {
  const std::span pixels(reinterpret_cast<std::uint8_t*>(out.data()), out.size());
  if (tile.part.size != tile.input) std::ranges::fill(pixels, kPadding);
  const std::size_t width = 3 * bytes_of(tile.part.size.width);
  for (int y = 0; y < tile.part.size.height; ++y) {
    const std::size_t row = bytes_of(tile.part.y + y) * bytes_of(page.width());
    std::copy_n(page.pixels().data() + 3 * (row + bytes_of(tile.part.x)), width,
                pixels.data() + 3 * bytes_of(y) * bytes_of(tile.input.width));
  }
}

// Copies what the tile is trusted with out of its map into that of the whole.
Status place_map(const InferResult& result, const Tile& tile, media::FloatMap& whole) {
  const auto tensor = result.tensor();
  if (!tensor) return fail(ErrorCode::kInternal, tensor.error().message);
  const auto values = tensor->as<float>();
  const auto width = bytes_of(tile.input.width);
  if (values.size() != width * bytes_of(tile.input.height)) {
    return fail(ErrorCode::kInternal,
                fmt::format("the detector's map {} is not one value for each of {} x {} pixels",
                            to_string(tensor->shape()), tile.input.width, tile.input.height));
  }
  const media::Region& trust = tile.trust;
  for (int y = trust.y; y < trust.y + trust.size.height; ++y) {
    const float* from = values.data() + bytes_of(y - tile.part.y) * width + (trust.x - tile.part.x);
    std::copy_n(from, trust.size.width,
                whole.values.data() + bytes_of(y) * bytes_of(whole.width) + trust.x);
  }
  return {};
}

std::vector<vision::TextRegion> in_picture(std::vector<vision::TextRegion> regions,
                                           const media::Image& picture, media::Size resized) {
  const double across = static_cast<double>(picture.width()) / resized.width;
  const double down = static_cast<double>(picture.height()) / resized.height;
  for (vision::TextRegion& region : regions) {
    for (media::Point& corner : region.quad) corner = {corner.x * across, corner.y * down};
  }
  return regions;
}

}  // namespace

awaitable<Result<std::vector<vision::TextRegion>>> find_text(const Calls& calls,
                                                             const media::Image& picture,
                                                             const Detector& detector,
                                                             const TileRules& tiles,
                                                             const vision::TextMapRules& rules) {
  const TilePlan plan = plan_tiles({picture.width(), picture.height()}, detector, tiles);
  media::FloatMap map{plan.resized.width, plan.resized.height, {}};
  map.values.resize(bytes_of(map.width) * bytes_of(map.height));
  const auto page =
      co_await calls.work([&] { return vision::resized_page(picture, plan.resized); });
  if (!page) co_return fail(page.error());
  for (const Tile& tile : plan.tiles) {
    auto tensor = calls.allocate({tile.input.height, tile.input.width, 3});
    if (!tensor) co_return fail(tensor.error());
    const auto drawn = co_await calls.work([&] { draw_tile(*page, tile, tensor->writable()); });
    if (!drawn) co_return fail(drawn.error());
    InferInput input;
    input.field("mode", "detection").tensor("image", std::move(*tensor));
    const auto result = co_await calls.infer(std::move(input));
    if (!result) co_return fail(result.error());
    const auto placed = co_await calls.work([&] { return place_map(*result, tile, map); });
    if (!placed) co_return fail(placed.error());
  }
  co_return co_await calls.work([&] {
    return in_picture(vision::find_text(map.values, plan.resized, rules), picture, plan.resized);
  });
}

}  // namespace npu::ocr
