// The post-processing that a HEF brings, in words, and what comes out of it.
#pragma once

#include <span>

#include "store/hef_messages.hpp"

namespace npu::store::hef {

// As HailoRT's get_op_description() has it, and the anchors.
HefOperation describe_operation(const Op& op);

// Of an operation with an output pad, from the layers of the chip that it takes.
HefTensor output_of(const Op& op, std::span<const Layer* const> layers);

}  // namespace npu::store::hef
