#include "families/generation/frames.hpp"

#include <fmt/format.h>

#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace {

constexpr std::size_t kMaxFrames = 16;

}  // namespace

Result<std::vector<TensorView>> take_frames(const InferInput& input,
                                            const device::TextModel& model) {
  std::vector<TensorView> views;
  const auto* frames = npu::json::Fields(input.fields()).find("frames");
  if (frames == nullptr) return views;
  const auto* list = frames->if_array();
  if (list == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("frames must be a list of tensors, got {}", npu::json::quote(*frames)));
  }
  if (list->empty()) return views;
  const auto& spec = model.frame();
  if (!spec)
    return fail(ErrorCode::kInvalidArgument, "this model takes no pictures: leave frames empty");
  if (list->size() > kMaxFrames) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("at most {} frames a request, got {}", kMaxFrames, list->size()));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto view = input.tensor((*list)[i]);
    if (!view) return fail(view.error());
    const auto ok = check_tensor(fmt::format("frames[{}]", i), spec->dtype, spec->shape, *view);
    if (!ok) return fail(ok.error());
    views.push_back(as_spec(*view, *spec));
  }
  return views;
}

}  // namespace npu::families
