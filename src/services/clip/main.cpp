#include "services/clip/clip_config.hpp"
#include "services/clip/clip_dialect.hpp"
#include "services/clip/clip_service.hpp"
#include "services/kit/app.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-clip", "Pictures and texts as vectors, and how near they are, over HTTP.",
               {.port = clip::kPort, .dialect = &clip::kClipDialect, .openapi = clip::openapi()});
  clip::ClipConfig config;
  clip::add_clip_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  config.complete();
  kit::Model& model = app.keep(config.model);
  clip::ClipService service(config, model, app.pool());
  app.set_health([&] { return service.health(); });
  service.add_routes(app.router());
  return app.run();
}
