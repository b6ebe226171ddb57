// Which network groups of a generative HEF file are loaded.
#pragma once

#include <span>
#include <string>

#include <npu/result.hpp>

namespace npu::device::hailort {

// The adapter (LoRA) to name when a language model is loaded: "base_model" where the file has the
// bare model, else the only one that it has, "" in a file without adapters. kUnsupported, naming
// them, where there are several without the bare model.
//
// The server on the chip looks for a group that ends in "<adapter>__prefill". Without a name it
// takes, from 5.3 on, whatever adapter stands last in the file.
Result<std::string> default_adapter(std::span<const std::string> groups);

// Also of the first published files, whose names go on: "base-whisper-decoder-10s-out-seq-64".
bool is_speech_model(std::span<const std::string> groups);

}  // namespace npu::device::hailort
