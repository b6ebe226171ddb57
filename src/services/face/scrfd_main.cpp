#include "services/face/face_config.hpp"
#include "services/face/flask_dialect.hpp"
#include "services/face/scrfd_service.hpp"
#include "services/kit/app.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-scrfd", "Faces and their five points over HTTP.",
               {.port = face::kScrfdPort,
                .dialect = &face::kFlaskDialect,
                .health_style = http::JsonStyle::kCompact,
                .openapi = face::scrfd_openapi()});
  face::DetectorConfig config;
  face::add_scrfd_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  kit::Model& model = app.keep(config.model);
  face::ScrfdService service(config, model, app.pool());
  service.add_routes(app.router());
  app.set_health([&] { return service.health(); });
  return app.run();
}
