// All resources of a HEF file at once: 5.1.
#include <hailo/hef.hpp>

auto all() { return hailort::Hef::extract_hef_external_resources("").value(); }
