#include "wire/tensor_json.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "tensor/base64.hpp"

namespace npu::wire {
namespace json = boost::json;
namespace {

Result<std::size_t> parse_index(const json::value& value, std::string_view name) {
  if (value.is_int64() && value.get_int64() >= 0)
    return static_cast<std::size_t>(value.get_int64());
  if (value.is_uint64()) return static_cast<std::size_t>(value.get_uint64());
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tensor {} must be a non-negative integer", name));
}

Result<Shape> parse_shape(const json::value& value) {
  const auto* dims = value.if_array();
  if (dims == nullptr)
    return fail(ErrorCode::kInvalidArgument, "tensor shape must be a list of integers");
  if (dims->size() > kMaxRank) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a tensor has at most {} dimensions, got {}", kMaxRank, dims->size()));
  }
  Shape shape;
  for (const auto& dim : *dims) {
    if (!dim.is_int64()) {
      return fail(ErrorCode::kInvalidArgument, "tensor shape must be a list of integers");
    }
    shape.push_back(dim.get_int64());
  }
  return shape;
}

Result<InTail> parse_tail(const json::value& value) {
  const auto* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) {
    return fail(ErrorCode::kInvalidArgument, "tensor tail must be [offset, size]");
  }
  const auto offset = parse_index((*pair)[0], "tail offset");
  if (!offset) return fail(offset.error());
  const auto size = parse_index((*pair)[1], "tail size");
  if (!size) return fail(size.error());
  return InTail{*offset, *size};
}

Result<InRegion> parse_region(const json::object& object) {
  const auto region = parse_index(object.at("region"), "region");
  if (!region) return fail(region.error());
  const auto* at = object.if_contains("offset");
  const auto offset = at != nullptr ? parse_index(*at, "offset") : Result<std::size_t>(0);
  if (!offset) return fail(offset.error());
  return InRegion{static_cast<std::int64_t>(*region), *offset};
}

Status check_size(std::size_t got, const TensorRef& ref) {
  if (got == ref.bytes) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tensor of dtype {} and shape {} has {} bytes, got {}",
                          name_of(ref.dtype), to_string(ref.shape), ref.bytes, got));
}

json::object header_of(DType dtype, const Shape& shape, json::storage_ptr memory = {}) {
  json::object object(4, std::move(memory));
  object["dtype"] = name_of(dtype);
  object["shape"] = json::array(shape.begin(), shape.end(), object.storage());
  return object;
}

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  const std::size_t at = out.size();
  out.resize(at + base64_encoded_size(bytes.size()));
  base64_encode(bytes, out.data() + at);
}

}  // namespace

bool looks_like_tensor(const json::value& value) {
  const auto* object = value.if_object();
  return object != nullptr &&
         (object->contains("dtype") || object->contains("data_b64") || object->contains("shape"));
}

Result<TensorRef> parse_tensor(const json::value& value) {
  const auto missing = [] {
    return fail(ErrorCode::kInvalidArgument, "tensor must include dtype, shape, and data_b64");
  };
  const auto* object = value.if_object();
  if (object == nullptr) return missing();
  const auto* dtype = object->if_contains("dtype");
  const auto* shape = object->if_contains("shape");
  if (dtype == nullptr || shape == nullptr) return missing();

  if (!dtype->is_string())
    return fail(ErrorCode::kInvalidArgument, "tensor dtype must be a string");
  const std::string_view name = dtype->get_string();
  const auto known = dtype_from_name(name);
  if (!known)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("data type '{}' not understood", utf8_prefix(name, 32)));

  TensorRef ref;
  ref.dtype = *known;
  auto dims = parse_shape(*shape);
  if (!dims) return fail(dims.error());
  ref.shape = std::move(*dims);
  const auto bytes = byte_size(ref.dtype, ref.shape);
  if (!bytes) return fail(bytes.error());
  ref.bytes = *bytes;

  if (object->contains("region")) {
    const auto place = parse_region(*object);
    if (!place) return fail(place.error());
    ref.place = *place;
    return ref;
  }
  if (const auto* tail = object->if_contains("tail")) {
    const auto place = parse_tail(*tail);
    if (!place) return fail(place.error());
    if (auto same = check_size(place->size, ref); !same) return fail(same.error());
    ref.place = *place;
    return ref;
  }
  const auto* data = object->if_contains("data_b64");
  if (data == nullptr || (data->is_string() && data->get_string().empty())) return missing();
  if (!data->is_string())
    return fail(ErrorCode::kInvalidArgument, "tensor data_b64 must be a string");
  const std::string_view text = data->get_string();
  const auto size = base64_decoded_size(text);
  if (!size) return fail(size.error());
  if (auto same = check_size(*size, ref); !same) return fail(same.error());
  ref.place = InBase64{text};
  return ref;
}

json::object region_tensor(DType dtype, const Shape& shape, std::int64_t region, std::size_t offset,
                           json::storage_ptr memory) {
  json::object object = header_of(dtype, shape, std::move(memory));
  object["region"] = region;
  object["offset"] = offset;
  return object;
}

json::object tail_tensor(DType dtype, const Shape& shape, std::size_t offset, std::size_t size,
                         json::storage_ptr memory) {
  json::object object = header_of(dtype, shape, std::move(memory));
  object["tail"] = json::array({offset, size}, object.storage());
  return object;
}

void append_json_with_base64(std::string& out, const json::value& value,
                             const TensorBytes& bytes_of) {
  if (const auto* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      append_json_with_base64(out, (*array)[i], bytes_of);
    }
    out += ']';
    return;
  }
  const auto* object = value.if_object();
  if (object == nullptr) {
    out += json::serialize(value);
    return;
  }
  const auto ref = looks_like_tensor(value) ? parse_tensor(value) : fail(ErrorCode::kNotFound, "");
  const auto bytes =
      ref && !std::holds_alternative<InBase64>(ref->place) ? bytes_of(*ref) : std::nullopt;
  if (bytes) {
    json::object head = header_of(ref->dtype, ref->shape);
    std::string text = json::serialize(head);
    text.pop_back();
    out += text;
    out += R"(,"data_b64":")";
    append_base64(out, *bytes);
    out += "\"}";
    return;
  }
  out += '{';
  bool first = true;
  for (const auto& [key, member] : *object) {
    if (!first) out += ',';
    first = false;
    out += json::serialize(json::string(key));
    out += ':';
    append_json_with_base64(out, member, bytes_of);
  }
  out += '}';
}

Status transform_tensors(json::value& value,
                         const std::function<Result<json::value>(const TensorRef&)>& replace) {
  if (auto* array = value.if_array()) {
    for (auto& item : *array) {
      if (auto done = transform_tensors(item, replace); !done) return done;
    }
    return {};
  }
  auto* object = value.if_object();
  if (object == nullptr) return {};
  if (looks_like_tensor(value)) {
    const auto ref = parse_tensor(value);
    if (!ref) return fail(ref.error());
    auto replaced = replace(*ref);
    if (!replaced) return fail(replaced.error());
    value = std::move(*replaced);
    return {};
  }
  for (auto& member : *object) {
    if (auto done = transform_tensors(member.value(), replace); !done) return done;
  }
  return {};
}

}  // namespace npu::wire
