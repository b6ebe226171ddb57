#include "families/support/tensor_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace npu::families {
namespace {

bool is_one_and(const Shape& longer, const Shape& shorter) {
  return longer.size() == shorter.size() + 1 && longer.front() == 1 &&
         std::equal(shorter.begin(), shorter.end(), longer.begin() + 1);
}

}  // namespace

bool same_but_for_leading_one(const Shape& a, const Shape& b) {
  return a == b || is_one_and(a, b) || is_one_and(b, a);
}

Shape without_leading_one(const Shape& shape) {
  if (shape.size() < 2 || shape.front() != 1) return shape;
  return Shape(shape.begin() + 1, shape.end());
}

Status check_tensor(std::string_view name, DType dtype, const Shape& shape, const TensorView& got) {
  if (got.dtype == dtype && same_but_for_leading_one(shape, got.shape)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be {} {}, got {} {}", name, name_of(dtype), to_string(shape),
                          name_of(got.dtype), to_string(got.shape)));
}

TensorView as_spec(const TensorView& view, const TensorSpec& spec) {
  return {spec.dtype, spec.shape, view.data};
}

device::MutableTensorView as_spec(const device::MutableTensorView& view, const TensorSpec& spec) {
  return {spec.dtype, spec.shape, view.data};
}

}  // namespace npu::families
