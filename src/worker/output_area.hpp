// Where the tensors of one result go: into the request's output, or into a region of their own.
//
// A result never lies in both. Tensors that do not fit into the output are first written to the
// heap; finish() then moves the whole result into a new region of exactly its size.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"
#include "tensor/shared_memory.hpp"

namespace npu::worker {

inline constexpr std::size_t kTensorAlignment = 64;
// Of one result; what the manager maps at most.
inline constexpr std::size_t kMaxResultBytes = std::size_t{1} << 30;

class OutputArea {
 public:
  struct Output {
    std::uint64_t region = 0;
    std::size_t offset = 0;      // in the region
    std::span<std::byte> bytes;  // from offset on
    bool strict = false;
  };

  explicit OutputArea(std::optional<Output> output) : output_(output) {}

  // Tensors are packed at multiples of 64 bytes of their region. kTooLarge where a strict output
  // has no more room, and over kMaxResultBytes.
  Result<families::InferOutput::Place> allocate(DType dtype, const Shape& shape);

  struct Finished {
    std::optional<SharedMemory> region;  // where the result is not in the request's output
    std::size_t bytes = 0;  // from the beginning of the place to the end of the last tensor
  };
  // Call once, when the tensors are written. Renames the tensors inside result where they moved.
  Result<Finished> finish(boost::json::value& result);

 private:
  struct Tensor {
    std::span<std::byte> data;
    std::size_t packed = 0;         // offset in a region of the result's own
    std::optional<std::size_t> at;  // offset in the output's region, if it lies there
  };
  std::optional<std::size_t> place_in_output(std::size_t bytes);

  std::optional<Output> output_;
  std::size_t used_ = 0;    // of output_->bytes
  std::size_t packed_ = 0;  // of a region of the result's own
  std::vector<Tensor> tensors_;
  std::deque<std::vector<std::byte>> heap_;
};

}  // namespace npu::worker
