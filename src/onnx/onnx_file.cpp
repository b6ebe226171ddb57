#include "onnx/onnx_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/protobuf_reader.hpp"
#include "base/utf8.hpp"
#include "store/hef_header.hpp"

namespace npu::onnx {
namespace {

using Bytes = std::span<const std::byte>;
using Field = ProtobufField;

constexpr std::size_t kMaxEntries = 1024;
constexpr std::size_t kMaxInputs = 100'000;  // old files list their weights among them
constexpr std::size_t kMaxNameBytes = 512;
constexpr std::size_t kMaxMetaBytes = std::size_t{512} << 10;
constexpr std::size_t kMaxDimensions = 64;
constexpr std::int64_t kFloatElements = 1;  // TensorProto.DataType
constexpr std::int64_t kInt8Elements = 3;

// Of TensorProto.DataType, by number.
constexpr std::array<std::optional<DType>, 12> kTypes{
    std::nullopt,  DType::kFloat32, DType::kUint8, DType::kInt8, DType::kUint16,  DType::kInt16,
    DType::kInt32, DType::kInt64,   std::nullopt,  DType::kBool, DType::kFloat16, DType::kFloat64};

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string copy_of(Bytes bytes, std::size_t most) {
  return valid_utf8(utf8_prefix(text_of(bytes), most));
}

// Calls visit(field) for each field; false where the encoding is broken or visit says so.
template <class Visit>
bool for_each_field(Bytes message, Visit visit) {
  ProtobufReader fields(message);
  while (const auto field = fields.next()) {
    if (!visit(*field)) return false;
  }
  return !fields.damaged();
}

// A weight: what its name leads to.
struct Weight {
  std::int64_t type = 0;
  std::optional<float> scalar;  // a float32 that is alone
};

struct Node {
  std::string_view op;
  std::vector<std::string_view> inputs;
  std::string_view output;  // the first
};

class GraphReader {
 public:
  explicit GraphReader(OnnxFile& file) : file_(file) {}

  bool model(Bytes message) {
    return for_each_field(message, [this](const Field& field) {
      switch (field.number) {
        case 1: file_.ir_version = static_cast<std::int64_t>(field.value); return true;
        case 2: file_.producer = copy_of(field.bytes, kMaxNameBytes); return true;
        case 7: return graph(field.bytes);
        case 8: return opset(field.bytes);
        case 14: return metadata(field.bytes);
        default: return true;
      }
    });
  }

  // Once all is read: weights may follow what uses them.
  void connect() {
    std::erase_if(file_.inputs,
                  [this](const GraphTensor& input) { return weights_.contains(input.name); });
    for (const auto& weight : product_weights_) {
      const auto found = weights_.find(weight);
      if (found != weights_.end() && found->second.type == kInt8Elements) ++file_.int8_products;
    }
    for (GraphTensor& output : file_.outputs) {
      const auto scale = output_scales_.find(output.name);
      if (scale == output_scales_.end()) continue;
      if (const auto found = weights_.find(scale->second); found != weights_.end()) {
        output.step = found->second.scalar;
      }
    }
  }

 private:
  bool opset(Bytes message) {
    std::string_view domain;
    std::int64_t version = 0;
    const bool read = for_each_field(message, [&](const Field& field) {
      if (field.number == 1) domain = text_of(field.bytes);
      if (field.number == 2) version = static_cast<std::int64_t>(field.value);
      return true;
    });
    if (domain.empty() || domain == "ai.onnx") file_.opset = version;
    return read;
  }

  bool metadata(Bytes message) {
    auto& [key, value] = file_.metadata.emplace_back();
    return file_.metadata.size() <= kMaxEntries && for_each_field(message, [&](const Field& field) {
             if (field.number == 1) key = copy_of(field.bytes, kMaxNameBytes);
             if (field.number == 2) value = copy_of(field.bytes, kMaxMetaBytes);
             return true;
           });
  }

  bool graph(Bytes message) {
    return for_each_field(message, [this](const Field& field) {
      switch (field.number) {
        case 1: return node(field.bytes);
        case 5: return weight(field.bytes);
        case 11: return value(field.bytes, file_.inputs) && file_.inputs.size() <= kMaxInputs;
        case 12: return value(field.bytes, file_.outputs) && file_.outputs.size() <= kMaxEntries;
        default: return true;
      }
    });
  }

  bool node(Bytes message) {
    Node node;
    const bool read = for_each_field(message, [&](const Field& field) {
      if (field.number == 1) node.inputs.push_back(text_of(field.bytes));
      if (field.number == 2 && node.output.empty()) node.output = text_of(field.bytes);
      if (field.number == 4) node.op = text_of(field.bytes);
      return true;
    });
    if (node.inputs.size() < 2) return read;
    if (node.op == "ConvInteger" || node.op == "MatMulInteger") {
      product_weights_.push_back(node.inputs[1]);
    } else if (node.op == "DequantizeLinear") {
      output_scales_.emplace(node.output, node.inputs[1]);
    }
    return read;
  }

  bool weight(Bytes message) {
    std::string_view name;
    Weight weight;
    Bytes data;
    const bool read = for_each_field(message, [&](const Field& field) {
      if (field.number == 2) weight.type = static_cast<std::int64_t>(field.value);
      if (field.number == 8) name = text_of(field.bytes);
      if (field.number == 4 || field.number == 9) data = field.bytes;  // float_data, raw_data
      return true;
    });
    if (weight.type == kFloatElements && data.size() == sizeof(float)) {
      std::memcpy(&weight.scalar.emplace(), data.data(), sizeof(float));
    }
    weights_.insert_or_assign(name, weight);
    return read;
  }

  static bool value(Bytes message, std::vector<GraphTensor>& tensors) {
    GraphTensor tensor;
    const bool read = for_each_field(message, [&](const Field& field) {
      if (field.number == 1) tensor.name = copy_of(field.bytes, kMaxNameBytes);
      return field.number != 2 || type(field.bytes, tensor);
    });
    tensors.push_back(std::move(tensor));
    return read;
  }

  static bool type(Bytes message, GraphTensor& tensor) {
    return for_each_field(message, [&](const Field& of_type) {
      return of_type.number != 1 || for_each_field(of_type.bytes, [&](const Field& field) {
               if (field.number == 1) {
                 tensor.type = static_cast<std::int64_t>(field.value);
                 if (field.value < kTypes.size()) tensor.dtype = kTypes.at(field.value);
               }
               return field.number != 2 || shape(field.bytes, tensor);
             });
    });
  }

  static bool shape(Bytes message, GraphTensor& tensor) {
    tensor.shaped = true;
    return for_each_field(message, [&](const Field& of_shape) {
      if (of_shape.number != 1) return true;
      std::int64_t side = kFreeSide;
      const bool read = for_each_field(of_shape.bytes, [&](const Field& field) {
        const auto length = static_cast<std::int64_t>(field.value);
        if (field.number == 1 && length >= 0) side = length;
        return true;
      });
      tensor.shape.push_back(side);
      return read && tensor.shape.size() <= kMaxDimensions;
    });
  }

  OnnxFile& file_;
  // Views of the file.
  std::unordered_map<std::string_view, Weight> weights_;
  std::vector<std::string_view> product_weights_;
  std::unordered_map<std::string_view, std::string_view> output_scales_;
};

}  // namespace

std::string_view OnnxFile::meta(std::string_view key) const {
  const auto found = std::ranges::find(
      metadata, key, [](const auto& entry) { return std::string_view(entry.first); });
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

Result<OnnxFile> read_onnx_file(std::span<const std::byte> file) {
  OnnxFile read;
  GraphReader reader(read);
  if (!reader.model(file)) return fail(ErrorCode::kMalformed, "no ONNX model, or it is damaged");
  reader.connect();
  if (read.inputs.size() > kMaxEntries) {
    return fail(ErrorCode::kMalformed, fmt::format("the graph has {} inputs", read.inputs.size()));
  }
  return read;
}

std::string describe(const GraphTensor& tensor) {
  const std::string type =
      tensor.dtype ? std::string(name_of(*tensor.dtype)) : fmt::format("type {}", tensor.type);
  if (!tensor.shaped) return type + " without a known shape";
  std::vector<std::string> sides;
  for (const auto side : tensor.shape) {
    sides.push_back(side == kFreeSide ? "?" : fmt::format("{}", side));
  }
  return fmt::format("{} ({}{})", type, fmt::join(sides, ", "), sides.size() == 1 ? "," : "");
}

std::optional<std::string> not_onnx_because(std::span<const std::byte> file) {
  const std::string_view text = text_of(file);
  if (text.empty()) return "the file is empty";
  if (const auto what = store::placeholder_or_page(text); !what.empty()) {
    return fmt::format("the file is {}", what);
  }
  if (text.starts_with("PK\x03\x04")) {
    return "the file is a ZIP archive or weights of PyTorch (.pt): export them to ONNX";
  }
  if (text.starts_with("\x01HEF")) return "the file is a HEF, for the NPU: name it .hef";
  return std::nullopt;
}

}  // namespace npu::onnx
