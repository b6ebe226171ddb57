#include "services/kit/app.hpp"
#include "services/pose/pose_config.hpp"
#include "services/pose/pose_service.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-pose", "People and their key points over HTTP.",
               {.port = pose::kPort, .openapi = pose::openapi()});
  pose::PoseConfig config;
  pose::add_pose_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  kit::Model& model = app.keep(config.model);
  pose::PoseService service(config, model, app.pool());
  service.add_routes(app.router());
  return app.run();
}
