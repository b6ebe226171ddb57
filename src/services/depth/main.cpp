#include <malloc.h>

#include "base/log.hpp"
#include "base/settings.hpp"
#include "http/service_host.hpp"
#include "services/depth/depth_config.hpp"
#include "services/depth/depth_service.hpp"
#include "services/depth/managed_model.hpp"

namespace {

// Pictures and answers go back to the system at once. By default glibc learns from the first one of
// each size to keep it, up to 64 MB in each thread.
void give_memory_back() {
  constexpr int kBytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, kBytes);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace npu;
  give_memory_back();
  depth::DepthConfig config;
  Settings settings("hailo-depth", "Monocular depth estimation over HTTP.");
  depth::add_depth_settings(settings, config);
  if (const auto exit_code = settings.load(argc, argv)) return *exit_code;
  log::init("hailo-depth", log::parse_level(config.host.log_level).value_or(log::Level::kInfo));

  http::ServiceHost host(config.host);
  depth::ManagedModel model(host.executor(), {.socket_path = config.device_socket,
                                              .path = depth::model_path_of(config),
                                              .keep_alive = config.keep_alive});
  depth::DepthService service(config, model, host.pool(), host.readiness(), host.executor());
  service.add_routes(host.router());
  host.set_health([&] { return service.health(); });
  host.in_background([&] { return service.keep_loaded(); });
  host.on_stop([&] { return service.release(); });
  return host.run();
}
