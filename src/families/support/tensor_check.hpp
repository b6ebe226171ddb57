// Checks between what a client sent and what a model takes.
#pragma once

#include <string_view>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "device/device.hpp"

namespace npu::families {

// True if the shapes are equal, or one is the other with a leading 1.
bool same_but_for_leading_one(const Shape& a, const Shape& b);

// The shape less a leading 1; the shape itself where there is none or nothing else.
Shape without_leading_one(const Shape& shape);

// kInvalidArgument: "input must be uint8 (256, 320, 3), got float32 (1, 3, 256, 320)", unless the
// dtype is right and the shape is, a leading 1 apart.
Status check_tensor(std::string_view name, DType dtype, const Shape& shape, const TensorView& got);

// The tensor with the model's own shape: same bytes, other dimensions of 1.
TensorView as_spec(const TensorView& view, const TensorSpec& spec);
device::MutableTensorView as_spec(const device::MutableTensorView& view, const TensorSpec& spec);

}  // namespace npu::families
