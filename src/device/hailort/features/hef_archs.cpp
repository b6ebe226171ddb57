// The architectures that a HEF runs on, the names of its resources, its hash without reading
// it: 5.x.
#include <hailo/hef.hpp>

auto architectures(const hailort::Hef& hef) { return hef.get_compatible_device_archs(); }
auto resources(const hailort::Hef& hef) { return hef.get_external_resource_names(); }
auto hash() { return hailort::Hef::hash(""); }
