#include "onnx/external_data.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/protobuf_reader.hpp"

namespace npu::onnx {
namespace {

enum class Message {
  kModel,
  kTraining,
  kFunction,
  kGraph,
  kNode,
  kAttribute,
  kSparseTensor,
  kTensor
};

// Where messages with tensors lie in each other; the numbers are onnx.proto's.
struct Nesting {
  Message outer;
  std::uint64_t field;
  Message inner;
};
using enum Message;
constexpr auto kNestings = std::to_array<Nesting>({
    {kModel, 7, kGraph},              // graph
    {kModel, 20, kTraining},          // training_info
    {kModel, 25, kFunction},          // functions
    {kTraining, 1, kGraph},           // initialization
    {kTraining, 2, kGraph},           // algorithm
    {kFunction, 7, kNode},            // node
    {kFunction, 11, kAttribute},      // attribute_proto
    {kGraph, 1, kNode},               // node
    {kGraph, 5, kTensor},             // initializer
    {kGraph, 15, kSparseTensor},      // sparse_initializer
    {kNode, 5, kAttribute},           // attribute
    {kAttribute, 5, kTensor},         // t
    {kAttribute, 6, kGraph},          // g
    {kAttribute, 10, kTensor},        // tensors
    {kAttribute, 11, kGraph},         // graphs
    {kAttribute, 22, kSparseTensor},  // sparse_tensor
    {kAttribute, 23, kSparseTensor},  // sparse_tensors
    {kSparseTensor, 1, kTensor},      // values
    {kSparseTensor, 2, kTensor},      // indices
});
constexpr std::uint64_t kExternalData = 13;  // of a tensor
constexpr std::uint64_t kDataLocation = 14;
constexpr std::uint64_t kDefaultLocation = 0;

constexpr int kMaxDepth = 100;  // as protobuf's own parsers

enum class Found { kNothing, kExternal, kBroken };

Found look_into(std::span<const std::byte> bytes, Message message, int depth);

Found look_at_bytes(std::span<const std::byte> bytes, Message outer, std::uint64_t field,
                    int depth) {
  if (outer == kTensor && field == kExternalData) return Found::kExternal;
  for (const auto& nesting : kNestings) {
    if (nesting.outer == outer && nesting.field == field) {
      return look_into(bytes, nesting.inner, depth + 1);
    }
  }
  return Found::kNothing;
}

Found look_at_field(const ProtobufField& field, Message message, int depth) {
  switch (field.type) {
    case WireType::kVarint: {
      const bool elsewhere =
          message == kTensor && field.number == kDataLocation && field.value != kDefaultLocation;
      return elsewhere ? Found::kExternal : Found::kNothing;
    }
    case WireType::kBytes: return look_at_bytes(field.bytes, message, field.number, depth);
    case WireType::kFixed64:
    case WireType::kFixed32: break;
  }
  return Found::kNothing;
}

Found look_into(std::span<const std::byte> bytes, Message message, int depth) {
  if (depth > kMaxDepth) return Found::kBroken;
  ProtobufReader reader(bytes);
  while (const auto field = reader.next()) {
    const Found found = look_at_field(*field, message, depth);
    if (found != Found::kNothing) return found;
  }
  return reader.damaged() ? Found::kBroken : Found::kNothing;
}

}  // namespace

Status refuse_external_data(std::span<const std::byte> model, std::string_view name) {
  switch (look_into(model, kModel, 0)) {
    case Found::kNothing: return {};
    case Found::kExternal:
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{} keeps weights in another file (external data); save it as one "
                              "file",
                              name));
    case Found::kBroken: break;
  }
  return fail(ErrorCode::kMalformed, fmt::format("{} is not an ONNX model or is damaged", name));
}

}  // namespace npu::onnx
