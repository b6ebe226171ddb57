#include "services/depth/depth_config.hpp"
#include "services/depth/depth_service.hpp"
#include "services/kit/app.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-depth", "Monocular depth estimation over HTTP.",
               {.port = depth::kPort, .openapi = depth::openapi()});
  depth::DepthConfig config;
  depth::add_depth_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  kit::Model& model = app.keep(config.model);
  depth::DepthService service(config, model, app.pool());
  service.add_routes(app.router());
  app.set_health([&] { return service.health(); });
  return app.run();
}
