#include "base/log.hpp"
#include "services/detect/detect_config.hpp"
#include "services/detect/detect_service.hpp"
#include "services/kit/app.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-detect", "Object detection over HTTP.",
               {.port = detect::kPort, .openapi = detect::openapi()});
  detect::DetectConfig config;
  detect::add_detect_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  auto labels = config.labels.empty() ? kit::Labels::coco() : kit::Labels::read(config.labels);
  if (!labels) {
    log::error("model.labels: {}", labels.error().message);
    return 1;
  }
  kit::Model& model = app.keep(config.model);
  detect::DetectService service(config, std::move(*labels), model, app.pool());
  service.add_routes(app.router());
  return app.run();
}
