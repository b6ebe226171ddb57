// Tensors of a reply, in the places where they arrived.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <npu/client_types.hpp>

#include "client/arena.hpp"
#include "wire/frame.hpp"

namespace npu::client {

// Where the tensors of one reply may lie.
struct ResultPlaces {
  wire::Buffer payload;
  std::span<std::byte> tail;                      // inside payload
  std::shared_ptr<Block> output;                  // null: none was reserved
  std::optional<std::int64_t> output_region;      // the number of its region on this connection
  wire::BufferSource memory = wire::heap_buffer;  // for what was text in the reply
};

// Moves the tensors of result.value into result.tensors, leaving {"dtype", "shape", "tensor": i}.
// They keep the payload or the block alive; bytes that are not aligned for their type are copied.
// kMalformed where a tensor is broken or lies anywhere else than in the places given.
Status take_tensors(InferResult& result, const ResultPlaces& places);

}  // namespace npu::client
