#include "device/onnx/external_data.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace npu::device {
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

enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr int kMaxDepth = 100;  // as protobuf's own parsers

enum class Found { kNothing, kExternal, kBroken };

class Reader {
 public:
  explicit Reader(std::span<const std::byte> rest) : rest_(rest) {}
  bool done() const { return rest_.empty(); }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<std::span<const std::byte>> bytes(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::byte> rest_;
};

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

Found look_at_field(Reader& reader, Message message, int depth) {
  const auto tag = reader.varint();
  if (!tag || *tag > UINT32_MAX || *tag >> 3 == 0) return Found::kBroken;
  const std::uint64_t field = *tag >> 3;
  switch (*tag & 7) {
    case kVarint: {
      const auto value = reader.varint();
      if (!value) return Found::kBroken;
      const bool elsewhere =
          message == kTensor && field == kDataLocation && *value != kDefaultLocation;
      return elsewhere ? Found::kExternal : Found::kNothing;
    }
    case kFixed64: return reader.bytes(8) ? Found::kNothing : Found::kBroken;
    case kFixed32: return reader.bytes(4) ? Found::kNothing : Found::kBroken;
    case kBytes: {
      const auto length = reader.varint();
      const auto bytes = length ? reader.bytes(*length) : std::nullopt;
      return bytes ? look_at_bytes(*bytes, message, field, depth) : Found::kBroken;
    }
    default: return Found::kBroken;
  }
}

Found look_into(std::span<const std::byte> bytes, Message message, int depth) {
  if (depth > kMaxDepth) return Found::kBroken;
  for (Reader reader(bytes); !reader.done();) {
    const Found found = look_at_field(reader, message, depth);
    if (found != Found::kNothing) return found;
  }
  return Found::kNothing;
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

}  // namespace npu::device
