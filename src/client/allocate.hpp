#pragma once

#include <npu/client_tensor.hpp>

#include "client/arena.hpp"

namespace npu::client {

// What DeviceClient::allocate promises.
Result<ClientTensor> allocate_tensor(Arena& arena, DType dtype, Shape shape);

}  // namespace npu::client
