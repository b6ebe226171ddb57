#include "device/onnx/onnx_error.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::device {

Error load_error(const Ort::Exception& error, std::string_view name) {
  log::warning("ONNX Runtime refused {}: {}", name, error.what());
  switch (error.GetOrtErrorCode()) {
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
      return {ErrorCode::kMalformed, fmt::format("{} is not an ONNX model or is damaged", name)};
    case ORT_INVALID_GRAPH:
      return {ErrorCode::kMalformed, fmt::format("{} holds an invalid graph", name)};
    case ORT_NOT_IMPLEMENTED:
      return {ErrorCode::kUnsupported,
              fmt::format("{} uses an operator that ONNX Runtime {} does not have", name,
                          OrtGetApiBase()->GetVersionString())};
    default: return {ErrorCode::kMalformed, fmt::format("ONNX Runtime cannot load {}", name)};
  }
}

Error run_error(const Ort::Exception& error) {
  log::error("ONNX Runtime failed: {}", error.what());
  return {ErrorCode::kInternal, "the model failed on this input"};
}

}  // namespace npu::device
