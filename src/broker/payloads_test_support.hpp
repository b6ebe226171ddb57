// Payloads of tests, which have no use for any.
#pragma once

#include "broker/payloads.hpp"

namespace npu::broker {

struct InferWork {};
struct InferEvent {};
struct InferResult {};
struct LoadResult {};

}  // namespace npu::broker
