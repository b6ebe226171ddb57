// numpy's file formats: one array as .npy, named arrays as .npz.
//
// A .npz is a zip archive. Ours needs one entry, deflated, in memory; the container is forty lines
// and every reader takes it, so there is no zip library here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "media/deflate.hpp"

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

// A zip archive with one deflated entry `<name>.npy`, as numpy.savez_compressed makes it, of an
// array that need not be held, into a file that is not held either: its sizes stand behind the
// data.
class NpzEncoder {
 public:
  // kTooLarge where the file might reach 4 GiB, kInvalidArgument where there is no such shape.
  static Status check(std::string_view name, DType dtype, const Shape& shape);

  // For what check() lets pass. on_bytes: takes the file, piece by piece, the first ones at once.
  NpzEncoder(std::string_view name, DType dtype, const Shape& shape, Deflate::OnPiece on_bytes);
  NpzEncoder(const NpzEncoder&) = delete;
  NpzEncoder& operator=(const NpzEncoder&) = delete;

  // The array's bytes, in order.
  void add(std::span<const std::byte> bytes);
  // Once, after all of them.
  void finish();

 private:
  void put(std::string_view text);

  Deflate::OnPiece on_bytes_;
  std::string name_;
  std::uint32_t crc_ = 0;
  std::size_t size_ = 0;  // of the entry
  std::size_t packed_ = 0;
  std::size_t written_ = 0;  // of the file
  Deflate deflate_;
};

}  // namespace npu::media
