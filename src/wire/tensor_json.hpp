// Tensors inside JSON messages. A tensor is an object with `dtype` and `shape` and one of
//   data_b64              base64 of the bytes (protocol version 1)
//   tail: [offset, size]  bytes behind the JSON of the same frame
//   region, offset        bytes in a registered shared-memory region
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json.hpp>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

namespace npu::wire {

struct InBase64 {
  std::string_view text;  // into the JSON value
};
struct InTail {
  std::size_t offset = 0;
  std::size_t size = 0;
};
struct InRegion {
  std::int64_t region = 0;
  std::size_t offset = 0;
};

struct TensorRef {
  DType dtype = DType::kUint8;
  Shape shape;
  std::size_t bytes = 0;  // byte_size(dtype, shape)
  std::variant<InBase64, InTail, InRegion> place;
};

// True for an object that is meant as a tensor: it has `dtype`, `shape` or `data_b64`.
bool looks_like_tensor(const boost::json::value& value);

// Checks fields, types, the dtype's name, the shape and, for base64 and tail, that the stated size
// is the shape's size. Bounds of the tail or the region are the caller's to check with `within`.
// Fails with kInvalidArgument or kMalformed; an object without its three fields gives
// "tensor must include dtype, shape, and data_b64".
Result<TensorRef> parse_tensor(const boost::json::value& value);

// [offset, offset + bytes) lies inside [0, limit), without overflow.
constexpr bool within(std::size_t offset, std::size_t bytes, std::size_t limit) {
  return offset <= limit && bytes <= limit - offset;
}

// {"dtype": ..., "shape": [...], "region": ..., "offset": ...}; memory: of the object.
boost::json::object region_tensor(DType dtype, const Shape& shape, std::int64_t region,
                                  std::size_t offset, boost::json::storage_ptr memory = {});
// {"dtype": ..., "shape": [...], "tail": [offset, size]}
boost::json::object tail_tensor(DType dtype, const Shape& shape, std::size_t offset,
                                std::size_t size, boost::json::storage_ptr memory = {});

// Finds the bytes of a tensor that is to be written as base64: TensorRef::bytes of them. Nothing
// for a tensor that is to be written as it stands.
using TensorBytes = std::function<std::optional<std::span<const std::byte>>(const TensorRef&)>;

// Serialises value into out; the bytes of tensors that are not base64 already are encoded straight
// into it.
void append_json_with_base64(std::string& out, const boost::json::value& value,
                             const TensorBytes& bytes_of);

// Replaces every tensor in value, at any depth, by what replace returns for it. Stops at and
// returns the first error. Objects that do not look like tensors are searched for tensors.
Status transform_tensors(
    boost::json::value& value,
    const std::function<Result<boost::json::value>(const TensorRef&)>& replace);

}  // namespace npu::wire
