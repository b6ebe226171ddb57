#include "worker/region_table.hpp"

#include <limits>

#include <fmt/format.h>

#include "wire/tensor_json.hpp"

namespace npu::worker {

Status RegionTable::add(std::uint64_t number, UniqueFd fd, std::size_t bytes) {
  auto memory = SharedMemory::adopt(std::move(fd), bytes, std::numeric_limits<std::size_t>::max());
  if (memory) memory->drop_fd();  // there are more regions than a process has descriptors
  const auto found = regions_.find(number);
  if (found != regions_.end() && found->second) {
    return fail(ErrorCode::kMalformed, fmt::format("region {} is there already", number));
  }
  regions_.insert_or_assign(number, std::move(memory));
  return {};
}

std::optional<Error> RegionTable::failed(std::uint64_t number) const {
  const auto region = regions_.find(number);
  if (region == regions_.end() || region->second) return std::nullopt;
  return region->second.error();
}

std::span<const std::byte> RegionTable::whole(std::uint64_t number) const {
  const auto region = regions_.find(number);
  if (region == regions_.end() || !region->second) return {};
  return region->second->bytes();
}

Result<std::span<std::byte>> RegionTable::bytes(std::uint64_t number, std::size_t offset,
                                                std::size_t bytes) const {
  const auto region = regions_.find(number);
  if (region == regions_.end()) {
    return fail(ErrorCode::kInternal, fmt::format("the worker knows no region {}", number));
  }
  if (!region->second) return fail(region->second.error());
  const SharedMemory& memory = *region->second;
  if (!wire::within(offset, bytes, memory.size())) {
    return fail(ErrorCode::kInternal, fmt::format("region {} has {} bytes, {} at {} were asked for",
                                                  number, memory.size(), bytes, offset));
  }
  return memory.bytes().subspan(offset, bytes);
}

}  // namespace npu::worker
