// Where genai::LLM and genai::VLM differ.
#pragma once

#include <optional>
#include <span>
#include <string>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

struct LlmKind {
  using Model = genai::LLM;
  using Generator = genai::LLMGenerator;
  static constexpr bool kKeepsTail = true;  // TextFacts::keeps_tail

  static sdk::Expected<genai::LLMGeneratorCompletion> generate(Generator& generator,
                                                               const std::string& prompt,
                                                               std::span<const TensorView> frames);
  static Result<std::optional<TensorSpec>> frame(const Model&) { return std::nullopt; }
  static int max_frames() { return 0; }
};

struct VlmKind {
  using Model = genai::VLM;
  using Generator = genai::VLMGenerator;
  static constexpr bool kKeepsTail = false;

  static sdk::Expected<genai::LLMGeneratorCompletion> generate(Generator& generator,
                                                               const std::string& prompt,
                                                               std::span<const TensorView> frames);
  // kUnsupported where it is not rows of RGB pixels.
  static Result<std::optional<TensorSpec>> frame(const Model& model);
  static int max_frames();
};

}  // namespace npu::device::hailort
