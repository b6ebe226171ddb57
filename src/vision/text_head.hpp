// What networks of text give, by the shape of their only output: a map of where text is, for each
// step along a line the scores of characters, or whether a line is upside down.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "media/image.hpp"
#include "vision/ctc.hpp"
#include "vision/outputs.hpp"

namespace npu::vision {

enum class TextHeadKind : std::uint8_t { kMap, kSteps, kUpsideDown };
// As the catalogue has them, in the order of the enumerators.
inline constexpr std::array<std::string_view, 3> kTextHeadNames{"db", "ctc", "upside-down"};
std::optional<TextHeadKind> text_head_named(std::string_view name);

struct TextHead {
  TextHeadKind kind = TextHeadKind::kMap;
  std::int64_t classes = 0;  // of kSteps
};

inline constexpr std::int64_t kFreeSide = -1;  // of a shape: any; in front: so many at once

// only: the one that it must be; nothing: whichever fits first. kUnsupported where none does, with
// what would.
Result<TextHead> find_text_head(std::span<const Output> outputs, media::Size input,
                                std::optional<TextHeadKind> only = {});

// What the classes of kSteps are called. labels: all characters but the blank, with or without the
// space, which is the last class; 97 classes without labels are Alphabet::latin97(). kUnsupported
// where labels are too few or too many: "has 4 classes and ...".
Result<Alphabet> alphabet_of(std::int64_t classes, std::vector<std::string> labels);

}  // namespace npu::vision
