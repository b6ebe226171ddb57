// Whether a model's outputs are a head that the service of its family reads.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "description/description.hpp"
#include "media/image.hpp"
#include "vision/outputs.hpp"

namespace npu::cli {

struct ModelOutputs {
  std::vector<vision::Output> floats;  // without data
  bool bytes = false;                  // beside them a uint8 one: HailoRT's masks
};

struct ModelHead {
  std::string_view name;
  int classes = 0;  // 0: the outputs do not tell
};

// Whether the head shows where sides of the outputs are free (-1).
bool has_free_head(const ModelDescription& model);

// Nothing for a family whose outputs have no head. Fails with kInvalidArgument where the model is
// said to have one that the family does not know, with kUnsupported where the outputs are none: in
// words that say what would do.
Result<std::optional<ModelHead>> head_of(const ModelDescription& model, const ModelOutputs& outputs,
                                         media::Size input);

}  // namespace npu::cli
