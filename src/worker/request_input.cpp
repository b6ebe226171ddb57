#include "worker/request_input.hpp"

#include "wire/tensor_json.hpp"

namespace npu::worker {

Result<TensorView> RequestInput::tensor(const boost::json::value& value) const {
  auto ref = wire::parse_tensor(value);
  if (!ref) return fail(ref.error());
  const auto* place = std::get_if<wire::InRegion>(&ref->place);
  if (place == nullptr)
    return fail(ErrorCode::kInternal, "a tensor reached the worker without a region");
  const auto bytes =
      regions_.bytes(static_cast<std::uint64_t>(place->region), place->offset, ref->bytes);
  if (!bytes) return fail(bytes.error());
  std::span<const std::byte> data = *bytes;
  if (reinterpret_cast<std::uintptr_t>(data.data()) % size_of(ref->dtype) != 0) {
    data = aligned_.emplace_back(data.begin(), data.end());
  }
  return TensorView{ref->dtype, std::move(ref->shape), data};
}

}  // namespace npu::worker
