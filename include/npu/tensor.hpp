// Element types, shapes and non-owning views of dense tensors.
//
// All tensors are C-order (last dimension fastest), without padding, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu {

enum class DType {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kInt32,
  kInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kBool
};

// Bytes of one element.
std::size_t size_of(DType dtype);
// The numpy name: "uint8", "float32", ...
std::string_view name_of(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

using Shape = std::vector<std::int64_t>;

// At most this many dimensions are accepted from outside.
inline constexpr std::size_t kMaxRank = 8;

// Number of bytes of a dense tensor. Fails with kInvalidArgument on a negative dimension, on more
// than kMaxRank dimensions and where the product does not fit in 63 bits. A rank-0 shape is one
// element; a zero dimension gives zero bytes.
Result<std::size_t> byte_size(DType dtype, const Shape& shape);

// "(256, 320, 3)": how numpy prints a shape.
std::string to_string(const Shape& shape);

// What a model expects or delivers under a name.
struct TensorSpec {
  std::string name;
  DType dtype = DType::kUint8;
  Shape shape;
};

// A tensor that somebody else owns. data.size() == byte_size(dtype, shape).
struct TensorView {
  DType dtype = DType::kUint8;
  Shape shape;
  std::span<const std::byte> data;
};

// A tensor that owns its bytes. The storage is aligned for every DType.
struct Tensor {
  DType dtype = DType::kUint8;
  Shape shape;
  std::vector<std::byte> data;

  TensorView view() const { return {dtype, shape, data}; }
};

}  // namespace npu
