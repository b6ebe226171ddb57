#include <npu/tensor.hpp>

#include <array>
#include <limits>

#include <fmt/format.h>

namespace npu {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

constexpr std::array<DTypeRow, 10> kDTypes{{
    {DType::kUint8, "uint8", 1},
    {DType::kInt8, "int8", 1},
    {DType::kUint16, "uint16", 2},
    {DType::kInt16, "int16", 2},
    {DType::kInt32, "int32", 4},
    {DType::kInt64, "int64", 8},
    {DType::kFloat16, "float16", 2},
    {DType::kFloat32, "float32", 4},
    {DType::kFloat64, "float64", 8},
    {DType::kBool, "bool", 1},
}};

}  // namespace

std::size_t size_of(DType dtype) { return kDTypes.at(static_cast<std::size_t>(dtype)).size; }

std::string_view name_of(DType dtype) { return kDTypes.at(static_cast<std::size_t>(dtype)).name; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const auto& row : kDTypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

Result<std::size_t> byte_size(DType dtype, const Shape& shape) {
  if (shape.size() > kMaxRank) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a tensor has at most {} dimensions, got {}", kMaxRank, shape.size()));
  }
  bool empty = false;
  for (const std::int64_t dim : shape) {
    if (dim < 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("negative dimensions are not allowed, got {}", to_string(shape)));
    }
    empty = empty || dim == 0;
  }
  if (empty) return std::size_t{0};
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t bytes = size_of(dtype);
  for (const std::int64_t dim : shape) {
    if (bytes > kMax / static_cast<std::uint64_t>(dim)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("shape {} is too large", to_string(shape)));
    }
    bytes *= static_cast<std::uint64_t>(dim);
  }
  return static_cast<std::size_t>(bytes);
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  if (shape.size() == 1) text += ",";
  return text + ")";
}

}  // namespace npu
