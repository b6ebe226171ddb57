// numpy's file formats: one array as .npy, named arrays as .npz.
//
// A .npz is a zip archive. Ours needs one entry, deflated, in memory; the container is forty lines
// and every reader takes it, so there is no zip library here.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

namespace npu::media {

// The .npy header (version 1.0, little-endian, C order) that precedes the tensor's bytes.
// Its length is a multiple of 64.
std::string npy_header(DType dtype, const Shape& shape);
std::string encode_npy(const TensorView& tensor);

struct NpyLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  // of the array
};

// The array in a .npy file, versions 1.0 to 3.0, little-endian, C order. A view into file.
// Fails with kMalformed (not a .npy file, truncated, bytes behind the array), kUnsupported
// (big-endian, Fortran order, a dtype that DType does not have), kTooLarge.
Result<TensorView> decode_npy(std::span<const std::byte> file, const NpyLimits& limits = {});

// Appends a zip archive with one stored entry `<name>.npy`, as numpy.savez makes it, of an array
// that need not be held: next() gives its bytes piece by piece; together they are those of the
// shape. Fails with kTooLarge where it would reach 4 GiB.
using NextPiece = std::function<std::span<const std::byte>()>;
Status append_npz(std::string& out, std::string_view name, DType dtype, const Shape& shape,
                  const NextPiece& next);
// The most bytes that append_npz() adds.
std::size_t npz_bound(std::string_view name, DType dtype, const Shape& shape);

}  // namespace npu::media
