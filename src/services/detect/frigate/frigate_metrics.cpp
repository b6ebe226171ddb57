#include "services/detect/frigate/frigate_metrics.hpp"

#include <array>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace npu::detect::frigate {

std::function<void(Outcome)> counter(prometheus::Registry& registry) {
  auto& family = prometheus::BuildCounter()
                     .Name("hailo_frigate_requests_total")
                     .Help("Requests of Frigate's detectors by what came of them")
                     .Register(registry);
  std::array<prometheus::Counter*, kOutcomeNames.size()> counters{};
  for (std::size_t i = 0; i < counters.size(); ++i) {
    counters[i] = &family.Add({{"outcome", std::string(kOutcomeNames[i])}});
  }
  return [counters](Outcome outcome) { counters[static_cast<std::size_t>(outcome)]->Increment(); };
}

}  // namespace npu::detect::frigate
