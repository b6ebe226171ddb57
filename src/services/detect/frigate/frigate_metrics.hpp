// hailo_frigate_requests_total: what came of Frigate's requests.
#pragma once

#include <functional>

#include "services/detect/frigate/frigate_detector.hpp"

namespace prometheus {
class Registry;
}

namespace npu::detect::frigate {

// The registry must outlive the function.
std::function<void(Outcome)> counter(prometheus::Registry& registry);

}  // namespace npu::detect::frigate
