#include "services/detect/frigate/frigate_rules.hpp"

#include "base/settings.hpp"

namespace npu::detect::frigate {

void add_frigate_settings(Settings& settings, FrigateRules& rules) {
  settings.add("frigate.endpoint", rules.endpoint,
               {.help = "Where Frigate's detector `zmq` asks: ipc:///path or tcp://address:port; "
                        "empty: nowhere"});
  settings.add("frigate.timeout_ms", rules.timeout_ms,
               {.help = "Frigate's request_timeout_ms, within which it has its answer",
                .min = 50,
                .max = 60'000});
}

}  // namespace npu::detect::frigate
