#include "device/hailort/generation/text_budget.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::hailort {
namespace {

constexpr std::int64_t kPixelsPerToken = std::int64_t{28} * 28;

}  // namespace

int count_placeholders(std::string_view prompt) {
  int count = 0;
  for (auto at = prompt.find(kPicturePlaceholder); at != std::string_view::npos;
       at = prompt.find(kPicturePlaceholder, at + kPicturePlaceholder.size())) {
    ++count;
  }
  return count;
}

Status check_frames(std::span<const TensorView> frames, std::string_view prompt,
                    const std::optional<TensorSpec>& frame, int most) {
  if (!frame) {
    if (frames.empty()) return {};
    return fail(ErrorCode::kInvalidArgument, "this model takes no pictures");
  }
  if (frames.size() > static_cast<std::size_t>(most)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("at most {} pictures at once, got {}", most, frames.size()));
  }
  if (const int places = count_placeholders(prompt);
      frames.size() != static_cast<std::size_t>(places)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the prompt has places for {} pictures, there are {}", places, frames.size()));
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].dtype == frame->dtype && frames[i].shape == frame->shape &&
        frames[i].data.size() == byte_size(frame->dtype, frame->shape)) {
      continue;
    }
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("picture {} must be {} {}, got {} {} of {} bytes", i,
                            name_of(frame->dtype), frame->shape, name_of(frames[i].dtype),
                            frames[i].shape, frames[i].data.size()));
  }
  return {};
}

int tokens_of_picture(const Shape& shape) {
  if (shape.size() < 2) return 1;
  return static_cast<int>(std::max<std::int64_t>(1, shape[0] * shape[1] / kPixelsPerToken));
}

Result<int> room_for_answer(const ContextUse& use, int wanted) {
  const int room = use.capacity - use.used - use.prompt;
  if (room >= 1) return std::min(room, wanted);
  if (use.used == 0) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the prompt has {} tokens, the model's context holds {} with the answer",
                    use.prompt, use.capacity));
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the prompt has {} tokens and the conversation before it {}, the model's "
                          "context holds {} with the answer",
                          use.prompt, use.used, use.capacity));
}

}  // namespace npu::device::hailort
