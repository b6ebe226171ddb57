#include "worker/region_table.hpp"

#include <limits>

#include <fmt/format.h>

#include "wire/tensor_json.hpp"

namespace npu::worker {

Status RegionTable::add(std::uint64_t number, UniqueFd fd, std::size_t bytes) {
  auto memory = SharedMemory::adopt(std::move(fd), bytes, std::numeric_limits<std::size_t>::max());
  if (!memory) return fail(memory.error());
  if (!regions_.emplace(number, std::move(*memory)).second) {
    return fail(ErrorCode::kMalformed, fmt::format("region {} is there already", number));
  }
  return {};
}

std::span<const std::byte> RegionTable::whole(std::uint64_t number) const {
  const auto region = regions_.find(number);
  return region == regions_.end() ? std::span<const std::byte>() : region->second.bytes();
}

Result<std::span<std::byte>> RegionTable::bytes(std::uint64_t number, std::size_t offset,
                                                std::size_t bytes) const {
  const auto region = regions_.find(number);
  if (region == regions_.end()) {
    return fail(ErrorCode::kInternal, fmt::format("the worker knows no region {}", number));
  }
  if (!wire::within(offset, bytes, region->second.size())) {
    return fail(ErrorCode::kInternal, fmt::format("region {} has {} bytes, {} at {} were asked for",
                                                  number, region->second.size(), bytes, offset));
  }
  return region->second.bytes().subspan(offset, bytes);
}

}  // namespace npu::worker
