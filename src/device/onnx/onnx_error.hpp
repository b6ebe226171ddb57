// ONNX Runtime's exceptions as errors.
#pragma once

#include <string_view>

#include <onnxruntime_cxx_api.h>

#include <npu/result.hpp>

namespace npu::device {

// What went wrong while the model `name` was being loaded. Its own text is logged, not shown: it
// holds paths and source lines.
Error load_error(const Ort::Exception& error, std::string_view name);
Error run_error(const Ort::Exception& error);

}  // namespace npu::device
