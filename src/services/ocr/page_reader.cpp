#include "services/ocr/page_reader.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/clock.hpp"
#include "services/ocr/line_reader.hpp"
#include "services/ocr/text_finder.hpp"
#include "vision/text_strip.hpp"

namespace npu::ocr {
namespace {

using std::chrono::steady_clock;

std::int64_t took(steady_clock::time_point begin) {
  return static_cast<std::int64_t>(milliseconds_since(begin));
}

// How much text is turned, clockwise, as most of it is: the median about the middle of the largest
// of four quarters, so that a page that lies on its side is not the mean of two directions.
double direction_of(const std::vector<Region>& regions) {
  constexpr double kQuarter = std::numbers::pi / 2;
  std::array<std::vector<double>, 4> quarters;
  for (const Region& region : regions) {
    const auto& quad = region.quad;
    const double angle = std::atan2(quad[1].y - quad[0].y, quad[1].x - quad[0].x);
    const auto quarter = static_cast<std::size_t>(std::lround(angle / kQuarter) + 4) % 4;
    quarters.at(quarter).push_back(std::remainder(angle, kQuarter));
  }
  const auto most = std::ranges::max_element(quarters, {}, &std::vector<double>::size);
  if (most->empty()) return 0;
  const auto half = most->begin() + static_cast<std::ptrdiff_t>(most->size() / 2);
  std::ranges::nth_element(*most, half);
  return static_cast<double>(most - quarters.begin()) * kQuarter + *half;
}

std::vector<vision::ReadBlock> order_of(const std::vector<Region>& regions) {
  const double direction = direction_of(regions);
  const double across = std::cos(direction);
  const double down = std::sin(direction);
  std::vector<media::Box> boxes;
  boxes.reserve(regions.size());
  for (const Region& region : regions) {
    vision::Quad quad = region.quad;
    for (media::Point& corner : quad) {
      corner = {corner.x * across + corner.y * down, corner.y * across - corner.x * down};
    }
    boxes.push_back(vision::bounds_of(quad));
  }
  return vision::reading_order(boxes);
}

// Of these languages, each once.
std::vector<const Recogniser*> readers_of(const Networks& networks,
                                          const std::vector<std::string>& languages) {
  std::vector<const Recogniser*> readers;
  for (const std::string& language : languages) {
    const Recogniser* reader = networks.reader_of(language);
    if (std::ranges::find(readers, reader) == readers.end()) readers.push_back(reader);
  }
  if (readers.empty()) readers.push_back(&networks.recognisers.front());
  return readers;
}

// A line that was read so is not upside down; one that was read worse may be.
constexpr float kSure = 0.9F;
constexpr float kHardlyRead = 0.6F;

void keep_better(Region& region, const vision::Quad& quad, Line& line, const Recogniser& reader) {
  if (!region.language.empty() && line.confidence <= region.confidence) return;
  region = {quad, std::move(line.text), line.confidence, reader.name, std::move(line.words)};
}

// A line whose text goes down or up the picture; which, its shape does not say.
bool is_upended(const vision::Quad& quad) {
  return std::abs(quad[1].y - quad[0].y) > std::abs(quad[1].x - quad[0].x);
}

// Reads once more, turned by half a circle, what is perhaps upside down: what the classifier says
// is, or without one what could hardly be read; and what stands upright. What reads better stays.
awaitable<Status> read_the_other_way(const Calls& calls, const media::Image& picture,
                                     const Networks& networks,
                                     const std::vector<const Recogniser*>& readers,
                                     std::vector<Region>& regions) {
  std::vector<std::size_t> numbers;  // of the regions, and of those that are classified
  std::vector<std::size_t> doubtful;
  std::vector<vision::Quad> doubtful_quads;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const Region& region = regions[i];
    if (region.confidence >= kSure) continue;
    if (is_upended(region.quad) || (!networks.classifier && region.confidence < kHardlyRead)) {
      numbers.push_back(i);
    } else if (networks.classifier) {
      doubtful.push_back(i);
      doubtful_quads.push_back(region.quad);
    }
  }
  if (!doubtful.empty()) {
    const auto turned =
        co_await maybe_upside_down(calls, picture, doubtful_quads, *networks.classifier);
    if (!turned) co_return fail(turned.error());
    for (const std::size_t i : *turned) numbers.push_back(doubtful[i]);
  }
  std::vector<vision::Quad> quads;
  quads.reserve(numbers.size());
  for (const std::size_t i : numbers) quads.push_back(vision::starting_at(regions[i].quad, 2));
  for (const Recogniser* reader : readers) {
    auto lines = co_await read_lines(calls, picture, quads, *reader);
    if (!lines) co_return fail(lines.error());
    for (std::size_t i = 0; i < quads.size(); ++i) {
      keep_better(regions[numbers[i]], quads[i], (*lines)[i], *reader);
    }
  }
  co_return Status{};
}

}  // namespace

Page ordered_page(std::vector<Region> regions, media::Size size) {
  Page page{.size = size, .regions = {}, .blocks = order_of(regions)};
  page.regions.reserve(regions.size());
  for (vision::ReadBlock& block : page.blocks) {
    for (vision::ReadLine& line : block) {
      for (std::size_t& index : line) {
        page.regions.push_back(std::move(regions[index]));
        index = page.regions.size() - 1;
      }
    }
  }
  return page;
}

awaitable<Result<Page>> read_page(const Calls& calls, const Networks& networks,
                                  const TileRules& tiles, const media::Image& picture,
                                  const OcrOptions& options) {
  if (const Status readable = networks.check(options.languages); !readable) {
    co_return fail(readable.error());
  }
  const auto readers = readers_of(networks, options.languages);
  const auto begin = steady_clock::now();
  const auto found = co_await find_text(calls, picture, networks.detector, tiles, options.map);
  if (!found) co_return fail(found.error());
  const std::int64_t detection_ms = took(begin);

  const auto reading = steady_clock::now();
  std::vector<vision::Quad> quads;
  quads.reserve(found->size());
  for (const auto& region : *found) quads.push_back(vision::reading_direction(region.quad));
  std::vector<Region> regions(quads.size());
  for (std::size_t i = 0; i < quads.size(); ++i) regions[i].quad = quads[i];
  for (const Recogniser* reader : readers) {
    auto lines = co_await read_lines(calls, picture, quads, *reader);
    if (!lines) co_return fail(lines.error());
    for (std::size_t i = 0; i < quads.size(); ++i)
      keep_better(regions[i], quads[i], (*lines)[i], *reader);
  }
  if (options.classify_angle) {
    const auto doubtful = co_await read_the_other_way(calls, picture, networks, readers, regions);
    if (!doubtful) co_return fail(doubtful.error());
  }
  std::erase_if(regions, [&](const Region& region) {
    return region.words.empty() || !(region.confidence >= options.rec_threshold);
  });
  auto page = co_await calls.work(
      [&] { return ordered_page(std::move(regions), {picture.width(), picture.height()}); });
  if (!page) co_return fail(page.error());
  page->detection_ms = detection_ms;
  page->recognition_ms = took(reading);
  page->total_ms = took(begin);
  co_return page;
}

}  // namespace npu::ocr
