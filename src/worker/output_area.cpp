#include "worker/output_area.hpp"

#include <cstring>

#include <fmt/format.h>

#include "wire/tensor_json.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

constexpr std::int64_t kOwnRegion = 0;

constexpr std::size_t align(std::size_t offset) {
  return (offset + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
}

}  // namespace

std::optional<std::size_t> OutputArea::place_in_output(std::size_t bytes) {
  if (!output_) return std::nullopt;
  const std::size_t at = align(output_->offset + used_);
  const std::size_t begin = at - output_->offset;
  if (!wire::within(begin, bytes, output_->bytes.size())) return std::nullopt;
  used_ = begin + bytes;
  return at;
}

Result<families::InferOutput::Place> OutputArea::allocate(DType dtype, const Shape& shape) {
  const auto bytes = byte_size(dtype, shape);
  if (!bytes) return fail(bytes.error());
  if (!wire::within(align(packed_), *bytes, kMaxResultBytes)) {
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("a result has at most {} bytes, this model gives more", kMaxResultBytes));
  }
  Tensor tensor{.data = {}, .packed = align(packed_), .at = place_in_output(*bytes)};
  if (tensor.at) {
    tensor.data = output_->bytes.subspan(*tensor.at - output_->offset, *bytes);
  } else if (output_ && output_->strict) {
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("output has {} bytes, the result needs at least {}", output_->bytes.size(),
                    align(output_->offset + used_) - output_->offset + *bytes));
  } else {
    tensor.data = heap_.emplace_back(*bytes);
  }
  packed_ = tensor.packed + *bytes;
  tensors_.push_back(tensor);
  return families::InferOutput::Place{
      wire::region_tensor(dtype, shape,
                          tensor.at ? static_cast<std::int64_t>(output_->region) : kOwnRegion,
                          tensor.at.value_or(tensor.packed)),
      {dtype, shape, tensor.data}};
}

Result<OutputArea::Finished> OutputArea::finish(json::value& result) {
  if (heap_.empty()) return Finished{std::nullopt, used_};
  auto region = SharedMemory::create(std::max<std::size_t>(packed_, 1));
  if (!region) return fail(region.error());
  if (auto backed = region->back(region->size()); !backed) return fail(backed.error());
  bool moved = false;
  for (const auto& tensor : tensors_) {
    if (!tensor.data.empty()) {
      std::memcpy(region->bytes().data() + tensor.packed, tensor.data.data(), tensor.data.size());
    }
    moved = moved || tensor.at.has_value();
  }
  if (moved) {
    const auto renamed =
        wire::transform_tensors(result, [&](const wire::TensorRef& ref) -> Result<json::value> {
          const auto& place = std::get<wire::InRegion>(ref.place);
          std::size_t offset = place.offset;
          for (const auto& tensor : tensors_) {
            if (place.region != kOwnRegion && tensor.at == place.offset) offset = tensor.packed;
          }
          return wire::region_tensor(ref.dtype, ref.shape, kOwnRegion, offset);
        });
    if (!renamed) return fail(renamed.error());
  }
  return Finished{std::move(*region), packed_};
}

}  // namespace npu::worker
