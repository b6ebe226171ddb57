#pragma once

#include <npu/client_tensor.hpp>

#include "client/arena.hpp"
#include "wire/frame.hpp"

namespace npu::client {

// What DeviceClient::allocate promises.
Result<ClientTensor> allocate_tensor(Arena& arena, DType dtype, Shape shape);

// Memory for large messages and what is decoded from them. Up to 32 MiB of it are used again and
// again: where the system has to clear fresh pages for each message, that takes longer than all the
// rest. Its own arena, because nobody else may write to a message.
wire::BufferSource reused_memory();

}  // namespace npu::client
