// The pictures of a request to a generative model.
#pragma once

#include <vector>

#include <npu/result.hpp>

#include "families/family.hpp"

namespace npu::families {

// `frames`: a list of tensors that are as the model's pictures, may be absent or empty. The views
// live as long as the request.
Result<std::vector<TensorView>> take_frames(const InferInput& input,
                                            const device::TextModel& model);

}  // namespace npu::families
