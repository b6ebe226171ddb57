// Which of its self-tests a device has failed: 5.0.1 and later.
#include <hailo/device.hpp>

auto failed(const hailo_health_stats_t& health) { return health.bist_failure_mask; }
