// What clients may hold, from the settings and from what the process may open.
#pragma once

#include <cstddef>

#include "manager/memory/client_quota.hpp"
#include "manager/settings/config.hpp"

namespace npu::manager {

// As much may be unread as this times what may be received.
inline constexpr std::uint64_t kUnreadPerPayload = 2;
// Each is a mapping, in a worker too; a process has 65,530 of them unless that is changed.
inline constexpr std::uint64_t kMaxRegionsTogether = 16384;

// Of `descriptors` (base/descriptors.hpp) half is for what clients hold, a quarter for slabs, used
// and kept for use; the last quarter is for the manager alone, so that a worker can be started and
// a model file opened whatever clients do.
ClientLimits client_limits(const Config& config, std::size_t descriptors);
std::size_t max_kept_slabs(std::size_t descriptors);

}  // namespace npu::manager
