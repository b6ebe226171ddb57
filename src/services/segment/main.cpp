#include <utility>

#include "base/log.hpp"
#include "services/kit/app.hpp"
#include "services/segment/segment_config.hpp"
#include "services/segment/segment_service.hpp"

int main(int argc, char** argv) {
  using namespace npu;
  kit::App app("hailo-segment", "Instance segmentation over HTTP.",
               {.port = segment::kPort, .openapi = segment::openapi()});
  segment::SegmentConfig config;
  segment::add_segment_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  auto labels = kit::ModelLabels::configured(config.labels);
  if (!labels) {
    log::error("{}", labels.error().message);
    return 1;
  }
  kit::Model& model = app.keep(config.model);
  segment::SegmentService service(config, std::move(*labels), model, app.pool());
  service.add_routes(app.router());
  return app.run();
}
