#include "client/result_tensors.hpp"

#include <cstdint>
#include <utility>

#include "tensor/base64.hpp"
#include "wire/tensor_json.hpp"

namespace npu::client {
namespace json = boost::json;
namespace {

Result<ClientTensor> find(const wire::TensorRef& ref, const wire::InBase64& place,
                          const ResultPlaces& places) {
  auto memory = places.memory(ref.bytes);
  if (auto done = base64_decode(place.text, memory.bytes); !done) return fail(done.error());
  return ClientTensor(ref.dtype, ref.shape, std::move(memory.owner), memory.bytes);
}

Result<ClientTensor> find(const wire::TensorRef& ref, const wire::InTail& place,
                          const ResultPlaces& places) {
  if (!wire::within(place.offset, ref.bytes, places.tail.size())) {
    return fail(ErrorCode::kMalformed, "a result tensor lies outside the message");
  }
  const auto bytes = places.tail.subspan(place.offset, ref.bytes);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % size_of(ref.dtype) != 0) {
    return ClientTensor::copy_of({ref.dtype, ref.shape, bytes});
  }
  return ClientTensor(ref.dtype, ref.shape, places.payload.owner, bytes);
}

Result<ClientTensor> find(const wire::TensorRef& ref, const wire::InRegion& place,
                          const ResultPlaces& places) {
  const auto& output = places.output;
  if (output == nullptr || places.output_region != place.region ||
      place.offset < output->offset() ||
      !wire::within(place.offset - output->offset(), ref.bytes, output->size()) ||
      place.offset % size_of(ref.dtype) != 0) {
    return fail(ErrorCode::kMalformed, "a result tensor lies outside the memory that was reserved");
  }
  return ClientTensor(ref.dtype, ref.shape, output,
                      output->region()->bytes().subspan(place.offset, ref.bytes));
}

}  // namespace

Status take_tensors(InferResult& result, const ResultPlaces& places) {
  const auto take = [&](const wire::TensorRef& ref) -> Result<json::value> {
    auto tensor = std::visit(
        [&](const auto& place) -> Result<ClientTensor> { return find(ref, place, places); },
        ref.place);
    if (!tensor) return fail(tensor.error());
    const auto index = static_cast<std::int64_t>(result.tensors.size());
    result.tensors.push_back(std::move(*tensor));
    return json::value{{"dtype", name_of(ref.dtype)},
                       {"shape", json::array(ref.shape.begin(), ref.shape.end())},
                       {"tensor", index}};
  };
  if (auto done = wire::transform_tensors(result.value, take); !done) {
    return fail(ErrorCode::kMalformed, "the manager's result is broken: " + done.error().message);
  }
  return {};
}

}  // namespace npu::client
