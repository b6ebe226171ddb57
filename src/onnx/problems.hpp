// What users meet with exports of their own, in words that say what would do.
#pragma once

#include <optional>
#include <string>

#include "description/description.hpp"
#include "onnx/onnx_file.hpp"

namespace npu::onnx {

// What ONNX Runtime 1.22 reads; newer ones read more.
inline constexpr std::int64_t kNewestOpset = 22;
inline constexpr std::int64_t kNewestIrVersion = 10;

// Why the runtime may refuse the file.
std::optional<std::string> why_refused(const OnnxFile& file);

// Why a detector with these outputs finds nothing, whatever the picture: one quantisation step for
// boxes in pixels and scores in 0..1, so that every score comes out as 0.
std::optional<std::string> why_blind(const OnnxFile& file, const ModelDescription& model);

}  // namespace npu::onnx
