// ONNX Runtime's exceptions as errors.
#pragma once

#include <cstdint>
#include <string_view>

#include <onnxruntime_cxx_api.h>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "device/onnx/memory_limit.hpp"
#include "onnx/onnx_file.hpp"

namespace npu::device {

// What went wrong while the model `name` was being loaded, and what of the file explains it. The
// runtime's own text is logged, not shown: it holds paths and source lines.
Error load_error(const Ort::Exception& error, std::string_view name, const onnx::OnnxFile& file);
Error run_error(const Ort::Exception& error);

// Whether the runtime says that an allocation failed.
bool is_out_of_memory(const Ort::Exception& error);
// A load or a run that may take so many bytes was refused more. The model is not to blame where all
// models of the worker together have what they may.
Error over_memory_limit(const MemoryLimit& limit, std::uint64_t bytes);
// A run was ended after this time.
Error over_time_limit(Duration limit);

}  // namespace npu::device
