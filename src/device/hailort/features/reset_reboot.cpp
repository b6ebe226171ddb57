// Restarting the whole chip: 5.2 and later.
#include <hailo/device.hpp>

auto restart(hailort::Device& device) { return device.reset(HAILO_RESET_DEVICE_MODE_REBOOT); }
