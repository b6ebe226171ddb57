// The answer to an estimate.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "http/response.hpp"
#include "services/depth/depth_map.hpp"
#include "services/depth/estimate_options.hpp"

namespace npu::depth {

struct Estimate {
  std::string model;
  std::string model_type;
  DepthMap map;  // of the picture's size, normalised if asked for
  double inference_time_ms = 0;
};

// {"model", "model_type", "input_shape", "depth_shape", "inference_time_ms", "normalized", "stats",
//  and by format: "depth_map": base64 of a .npz with `depth` (float32, height x width),
//  "depth_image": base64 of an RGB PNG, "depth_png_16": base64 of a 16-bit grey PNG}
// "representation" is there where it is not "inverse".
Result<http::Response> render(const Estimate& estimate, const EstimateOptions& options);

}  // namespace npu::depth
