#include <optional>
#include <utility>

#include "base/log.hpp"
#include "services/detect/detect_config.hpp"
#include "services/detect/detect_service.hpp"
#include "services/detect/frigate/frigate_detector.hpp"
#include "services/detect/frigate/frigate_metrics.hpp"
#include "services/kit/app.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-detect", "Object detection over HTTP.",
               {.port = detect::kPort, .openapi = detect::openapi()});
  detect::DetectConfig config;
  detect::add_detect_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  auto labels = kit::ModelLabels::configured(config.labels);
  if (!labels) {
    log::error("{}", labels.error().message);
    return 1;
  }
  kit::Model& model = app.keep(config.model);
  detect::DetectService service(config, std::move(*labels), model, app.pool());
  service.add_routes(app.router());

  std::optional<detect::frigate::FrigateDetector> frigate;
  if (!config.frigate.endpoint.empty()) {
    frigate.emplace(
        config.frigate, model, app.pool(), [&service] { return service.finder(); },
        detect::frigate::counter(app.host().metrics()));
    if (const auto bound = frigate->bind(app.executor()); !bound) {
      log::error("frigate.endpoint: {}", bound.error().message);
      return 1;
    }
    log::info("Frigate is answered at {}", frigate->endpoint());
    app.host().in_background([&frigate] { return frigate->run(); });
  }
  return app.run();
}
