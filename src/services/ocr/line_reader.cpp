#include "services/ocr/line_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/ocr/line_parts.hpp"
#include "services/ocr/strips.hpp"
#include "services/ocr/words.hpp"
#include "vision/text_gaps.hpp"
#include "vision/text_strip.hpp"

namespace npu::ocr {
namespace {

// Of one request to the device: others come in between, and a page of any length takes as much
// memory.
constexpr std::size_t kStripsAtOnce = 64;
constexpr std::size_t kBytesAtOnce = std::size_t{8} << 20;

constexpr float kLikelyUpsideDown = 0.5F;

std::size_t bytes_of(const Strip& strip) {
  return media::Image::bytes_of(strip.width, strip.text.height, 3);
}

// The first strips that go into one request, at least one.
std::span<const Strip> next_of(std::span<const Strip> strips) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < strips.size() && count < kStripsAtOnce) {
    bytes += bytes_of(strips[count]);
    if (count > 0 && bytes > kBytesAtOnce) break;
    ++count;
  }
  return strips.first(count);
}

// The tensors of a list, in its order.
Result<std::vector<ClientTensor>> tensors_of(const InferResult& result, std::size_t count) {
  const auto* list = result.value.if_array();
  std::vector<ClientTensor> tensors;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto* object = (*list)[i].if_object();
    const auto* index = object != nullptr ? object->if_contains("tensor") : nullptr;
    const auto* number = index != nullptr ? index->if_int64() : nullptr;
    if (number == nullptr || *number < 0 ||
        static_cast<std::size_t>(*number) >= result.tensors.size()) {
      break;
    }
    tensors.push_back(result.tensors[static_cast<std::size_t>(*number)]);
  }
  if (tensors.size() == count) return tensors;
  return fail(ErrorCode::kInternal,
              fmt::format("{} lines were given to a network, {} came back", count, tensors.size()));
}

using Gaps = std::vector<vision::TextGap>;

// What the network says of each of these strips. gaps: where there is nothing in them, if that is
// wanted.
awaitable<Result<std::vector<ClientTensor>>> ask(const Calls& calls, const media::Image& picture,
                                                 std::span<const vision::Quad> quads,
                                                 std::span<const Strip> strips, InferInput input,
                                                 std::vector<Gaps>* gaps = nullptr) {
  std::vector<ClientTensor> crops;
  crops.reserve(strips.size());
  for (const Strip& strip : strips) {
    auto crop = calls.allocate({strip.text.height, strip.width, 3});
    if (!crop) co_return fail(crop.error());
    crops.push_back(std::move(*crop));
  }
  const auto cut = co_await calls.work([&] {
    for (std::size_t i = 0; i < strips.size(); ++i) {
      const auto bytes = crops[i].writable();
      const std::span pixels(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
      vision::cut_strip(picture, part_of(quads[strips[i].region], strips[i]), strips[i].text,
                        strips[i].width, kStripFill, pixels);
      if (gaps != nullptr) {
        gaps->push_back(vision::find_gaps(pixels, strips[i].text, strips[i].width));
      }
    }
  });
  if (!cut) co_return fail(cut.error());
  input.tensors("crops", std::move(crops));
  const auto result = co_await calls.infer(std::move(input));
  if (!result) co_return fail(result.error());
  co_return tensors_of(*result, strips.size());
}

// Pixels of a line that is so high.
double length_at(int height, const vision::Quad& quad) {
  return static_cast<double>(vision::strip_width(quad, height));
}

Line line_of(std::span<const LinePart> parts, int height, const vision::Quad& quad) {
  auto [read, gaps] = join_parts(parts);
  vision::narrow_punctuation(read);
  vision::add_spaces(read, gaps, height / std::max(1.0, length_at(height, quad)));
  vision::tidy_spaces(read);
  return {read.text, read.confidence, words_of(read, quad)};
}

}  // namespace

awaitable<Result<std::vector<Line>>> read_lines(const Calls& calls, const media::Image& picture,
                                                std::span<const vision::Quad> quads,
                                                const Recogniser& recogniser) {
  const std::vector<Strip> strips = plan_strips(quads, recogniser);
  std::vector<std::vector<LinePart>> parts(quads.size());
  std::span<const Strip> rest = strips;
  while (!rest.empty()) {
    const auto some = next_of(rest);
    InferInput input;
    input.field("mode", "recognition").field("best", true);
    input.field("language", boost::json::string(recogniser.name));
    std::vector<Gaps> gaps;
    const auto best = co_await ask(calls, picture, quads, some, std::move(input), &gaps);
    if (!best) co_return fail(best.error());
    const auto decoded = co_await calls.work([&] {
      for (std::size_t i = 0; i < some.size(); ++i) {
        auto read = vision::read_ctc((*best)[i].as<float>(), recogniser.alphabet);
        parts[some[i].region].push_back({some[i], std::move(read), std::move(gaps[i])});
      }
    });
    if (!decoded) co_return fail(decoded.error());
    rest = rest.subspan(some.size());
  }
  std::vector<Line> lines(quads.size());
  const auto joined = co_await calls.work([&] {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i] = line_of(parts[i], recogniser.height, quads[i]);
    }
  });
  if (!joined) co_return fail(joined.error());
  co_return lines;
}

awaitable<Result<std::vector<std::size_t>>> maybe_upside_down(const Calls& calls,
                                                              const media::Image& picture,
                                                              std::span<const vision::Quad> quads,
                                                              media::Size input_size) {
  const std::vector<Strip> strips = plan_squeezed(quads, input_size);
  std::vector<std::size_t> found;
  std::span<const Strip> rest = strips;
  while (!rest.empty()) {
    const auto some = next_of(rest);
    InferInput input;
    input.field("mode", "classification");
    const auto scores = co_await ask(calls, picture, quads, some, std::move(input));
    if (!scores) co_return fail(scores.error());
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto score = (*scores)[i].as<float>();
      if (score.size() == 2 && score[1] > kLikelyUpsideDown) found.push_back(some[i].region);
    }
    rest = rest.subspan(some.size());
  }
  co_return found;
}

}  // namespace npu::ocr
