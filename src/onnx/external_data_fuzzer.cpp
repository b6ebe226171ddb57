#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "onnx/external_data.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using npu::onnx::refuse_external_data;
  const auto file = std::as_bytes(std::span(data, size));
  const auto verdict = refuse_external_data(file, "x.onnx");
  if (!verdict && verdict.error().code == npu::ErrorCode::kMalformed) return 0;
  // The same twice is merged, and neither better nor worse than once.
  std::vector<std::byte> twice(file.begin(), file.end());
  twice.insert(twice.end(), file.begin(), file.end());
  if (verdict.has_value() != refuse_external_data(twice, "x.onnx").has_value()) std::abort();
  return 0;
}
