#include "manager/memory/client_limits.hpp"

#include <algorithm>

namespace npu::manager {

std::size_t max_kept_slabs(std::size_t descriptors) {
  return std::min<std::size_t>(descriptors / 16, 1024);
}

ClientLimits client_limits(const Config& config, std::size_t descriptors) {
  const std::uint64_t of_clients = descriptors / 2;
  ClientLimits limits;
  limits[Held::kConnections].together = std::min(config.max_connections, of_clients);
  limits[Held::kDescriptors].together = of_clients;
  limits[Held::kRegions] = {.together = kMaxRegionsTogether, .of_connection = config.max_regions};
  limits[Held::kRegionBytes].of_connection = config.max_region_bytes;
  limits[Held::kSlabs].together = descriptors / 4 - max_kept_slabs(descriptors);
  limits[Held::kBytesIn].together = config.max_payload_bytes;
  limits[Held::kBytesUnread].together = kUnreadPerPayload * config.max_payload_bytes;
  return limits;
}

}  // namespace npu::manager
