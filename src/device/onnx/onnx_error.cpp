#include "device/onnx/onnx_error.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.hpp"
#include "onnx/problems.hpp"

namespace npu::device {

namespace {

// "Could not find an implementation for ConvInteger(10) node with name ..."
std::string_view missing_operator(std::string_view text) {
  constexpr std::string_view kBefore = "an implementation for ";
  const std::size_t at = text.find(kBefore);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kBefore.size());
  return text.substr(0, std::min(text.find_first_of("( "), std::size_t{64}));
}

}  // namespace

Error load_error(const Ort::Exception& error, std::string_view name, const onnx::OnnxFile& file) {
  log::warning("ONNX Runtime refused {}: {}", name, error.what());
  if (const auto why = onnx::why_refused(file)) {
    return {ErrorCode::kUnsupported, fmt::format("ONNX Runtime refuses {}: {}", name, *why)};
  }
  const std::string_view op = missing_operator(error.what());
  switch (error.GetOrtErrorCode()) {
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
      return {ErrorCode::kMalformed, fmt::format("{} is not an ONNX model or is damaged", name)};
    case ORT_INVALID_GRAPH:
      return {ErrorCode::kMalformed, fmt::format("{} holds an invalid graph", name)};
    case ORT_NOT_IMPLEMENTED:
      return {ErrorCode::kUnsupported,
              fmt::format("{} uses an operator that ONNX Runtime {} does not have{}", name,
                          OrtGetApiBase()->GetVersionString(),
                          op.empty() ? "" : fmt::format(" for its types: {}", op))};
    default: return {ErrorCode::kMalformed, fmt::format("ONNX Runtime cannot load {}", name)};
  }
}

Error run_error(const Ort::Exception& error) {
  log::error("ONNX Runtime failed: {}", error.what());
  return {ErrorCode::kInternal, "the model failed on this input"};
}

// It has no code for it, and passes on what its allocators and the standard library throw.
bool is_out_of_memory(const Ort::Exception& error) {
  const std::string_view text = error.what();
  return text.find("bad_alloc") != text.npos || text.find("Failed to allocate memory") != text.npos;
}

Error over_memory_limit(const MemoryLimit& limit, std::uint64_t bytes) {
  if (const auto all = limit.reached_by(bytes)) {
    return {ErrorCode::kOverloaded,
            fmt::format("the models of this worker have all the memory that they may take "
                        "together, {} MiB, half of the machine's: unload some that are not needed",
                        *all >> 20)};
  }
  return {ErrorCode::kUnsupported,
          fmt::format("the model needs more memory than it may take, {} MiB "
                      "(limits.model_memory_bytes)",
                      bytes >> 20)};
}

Error over_time_limit(Duration limit) {
  return {ErrorCode::kDeadlineExceeded,
          fmt::format("the model ran for longer than it may, {:g} s (policy.infer_timeout)",
                      std::chrono::duration<double>(limit).count())};
}

}  // namespace npu::device
