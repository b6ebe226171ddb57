#include "services/kit/app.hpp"
#include "services/ocr/ocr_config.hpp"
#include "services/ocr/ocr_service.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-ocr", "Text in pictures over HTTP.",
               {.port = ocr::kPort, .openapi = ocr::openapi()});
  ocr::OcrConfig config;
  ocr::add_ocr_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  const kit::ModelRules rules = config.model_rules();
  kit::Model& model = app.keep(rules);
  ocr::OcrService service(config, rules, model, app.pool());
  app.set_health([&service] { return service.health(); });
  service.add_routes(app.router());
  return app.run();
}
