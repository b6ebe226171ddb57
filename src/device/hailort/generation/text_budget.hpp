// How the context of a model is shared between what it holds, a prompt and its answer.
//
// The KV cache is a ring: more tokens than it holds overwrite the oldest ones without an error, and
// the answer turns to nonsense. So prompts are counted before they are sent, and answers are
// limited to what is left.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "device/device.hpp"

namespace npu::device::hailort {

// Stands for one picture in a rendered prompt of the Qwen-VL models, the only vision-language
// models that there are for HailoRT. The chip replaces the token by the tokens of the picture.
inline constexpr std::string_view kPicturePlaceholder = "<|image_pad|>";

int count_placeholders(std::string_view prompt);

// kInvalidArgument unless every frame is as `frame` says, and the prompt has a placeholder for
// each. The runtime finds a wrong number out only on the chip, where it ends the generation without
// a reason. most: frames that the runtime takes in one generation.
Status check_frames(std::span<const TensorView> frames, std::string_view prompt,
                    const std::optional<TensorSpec>& frame, int most);

// Tokens of a picture of this size, {height, width, channels}: the encoder makes one of each 28 x
// 28 pixels.
int tokens_of_picture(const Shape& shape);

struct ContextUse {
  int capacity = 0;
  int used = 0;    // by what the context holds already
  int prompt = 0;  // pictures included
};

// Longest answer, at most `wanted`. kInvalidArgument if the prompt leaves no room for one token.
Result<int> room_for_answer(const ContextUse& use, int wanted);

}  // namespace npu::device::hailort
