// What is read of a file is within bounds, and what it is recognised as is complete.
#include <cstdint>
#include <cstdlib>

#include "onnx/recognise.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu::onnx;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)not_onnx_because(bytes);
  const auto file = read_onnx_file(bytes);
  if (!file) return 0;
  for (const auto& output : file->outputs) require(!describe(output).empty());
  const Recognised found = recognise(*file);
  const auto& model = found.description;
  require(model.labels.size() <= npu::kMaxLabels);
  if (found.as.empty()) require(model.head.empty() && model.family.empty());
  if (!model.family.empty()) require(*model.input.width > 0 && *model.input.height > 0);
  return 0;
}
