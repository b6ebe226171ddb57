// Single resources of a HEF file: 5.2 and later.
#include <hailo/hef.hpp>

auto one() { return hailort::Hef::parse_hef_for_transfer("", {"x"})->local_resources_buffers; }
