// What rides along with requests and reports, and the broker only carries.
//
// Whoever submits the requests and runs the lanes defines these types:
// src/manager/memory/payloads.hpp.
#pragma once

namespace npu::broker {

struct LoadOrder;    // what a lane needs to load a model
struct LoadResult;   // what it tells of a loaded one
struct InferWork;    // what a lane needs to run an inference
struct InferEvent;   // a piece of output on the way
struct InferResult;  // what the inference delivered

}  // namespace npu::broker
