#include "vision/text_head.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace npu::vision {
namespace {

constexpr std::int64_t kLatinClasses = 97;
constexpr std::int64_t kWays = 2;  // that a line can be turned

using Sides = std::span<const std::int64_t>;

// Without ones, and a free side for several at once, in front of the last `rank`.
Sides inner(Sides shape, std::size_t rank) {
  while (shape.size() > rank && (shape.front() == 1 || shape.front() == kFreeSide)) {
    shape = shape.subspan(1);
  }
  return shape;
}

bool fits(std::int64_t side, int wanted) { return side == wanted || side == kFreeSide; }

bool is_map(Sides shape, media::Size input) {
  if (shape.size() > 2 && shape.back() == 1) shape = shape.first(shape.size() - 1);
  const Sides plane = inner(shape, 2);
  return plane.size() == 2 && fits(plane[0], input.height) && fits(plane[1], input.width);
}

std::optional<TextHead> as_kind(TextHeadKind kind, Sides shape, media::Size input) {
  TextHead head{.kind = kind};
  switch (kind) {
    case TextHeadKind::kMap:
      if (!is_map(shape, input)) return std::nullopt;
      break;
    case TextHeadKind::kSteps: {
      const Sides table = inner(shape, 2);
      if (table.size() != 2 || table[1] < 2 || table[0] == 0) return std::nullopt;
      head.classes = table[1];
      break;
    }
    case TextHeadKind::kUpsideDown: {
      const Sides row = inner(shape, 1);
      if (row.size() != 1 || row[0] != kWays) return std::nullopt;
      break;
    }
  }
  return head;
}

}  // namespace

std::optional<TextHeadKind> text_head_named(std::string_view name) {
  const auto* found = std::ranges::find(kTextHeadNames, name);
  if (found == kTextHeadNames.end()) return std::nullopt;
  return static_cast<TextHeadKind>(found - kTextHeadNames.begin());
}

Result<TextHead> find_text_head(std::span<const Output> outputs, media::Size input,
                                std::optional<TextHeadKind> only) {
  // In this order: two numbers are no line, and a map of one pixel a step is rather a map.
  constexpr std::array kKinds{TextHeadKind::kUpsideDown, TextHeadKind::kMap, TextHeadKind::kSteps};
  for (const TextHeadKind kind : kKinds) {
    if (outputs.size() != 1 || (only && *only != kind)) continue;
    if (const auto head = as_kind(kind, outputs[0].shape, input)) return *head;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("the model's outputs {} are none of text{}; what would do: a map of "
                          "({}, {}), (steps, characters), or (2) for what is upside down",
                          shapes_of(outputs),
                          only ? fmt::format(" of the kind {}",
                                             kTextHeadNames.at(static_cast<std::size_t>(*only)))
                               : std::string(),
                          input.height, input.width));
}

Result<Alphabet> alphabet_of(std::int64_t classes, std::vector<std::string> labels) {
  const auto known = static_cast<std::int64_t>(labels.size());
  if (known > 0 && known + 2 == classes) labels.emplace_back(" ");
  if (known > 0 && (known + 1 == classes || known + 2 == classes)) {
    return Alphabet(std::move(labels));
  }
  if (known == 0 && classes == kLatinClasses) return Alphabet::latin97();
  return fail(ErrorCode::kUnsupported,
              fmt::format("has {} classes and {} characters are named; it needs a list of {}: "
                          "\"labels\" in a yaml beside it (docs/reference/catalogue.md)",
                          classes, known, std::max<std::int64_t>(classes - 2, 0)));
}

}  // namespace npu::vision
