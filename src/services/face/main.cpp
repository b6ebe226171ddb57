#include <cstdio>
#include <string_view>

#include "services/face/face_config.hpp"
#include "services/face/face_service.hpp"
#include "services/face/flask_dialect.hpp"
#include "services/face/store/store_copy.hpp"
#include "services/kit/app.hpp"

namespace {

constexpr std::string_view kDescription =
    "Faces in pictures, and whose they are, over HTTP.\n\n"
    "  hailo-face                 serves\n"
    "  hailo-face backup FILE     copies the database into a new file, while services use it\n"
    "  hailo-face restore FILE    puts such a copy in its place, also under services that run";

// `hailo-face backup FILE [options]`
int copy(bool back, int argc, char** argv) {
  using namespace npu;
  if (argc < 3 || argv[2][0] == '-') {
    std::fprintf(stderr, "hailo-face %s FILE [options]\n", argv[1]);
    return 2;
  }
  http::HostConfig host{.port = face::kFacePort};
  face::FaceConfig config;
  Settings settings("hailo-face", std::string(kDescription));
  kit::add_app_settings(settings, host);
  face::add_face_settings(settings, config);
  const std::string file = argv[2];
  argv[2] = argv[0];  // what follows the file are options
  if (const auto exit_code = settings.load(argc - 2, argv + 2)) return *exit_code;
  const face::StoreRules& store = config.database.store;
  const Status done = back ? face::restore(store, file) : face::back_up(store, file);
  if (done) return 0;
  std::fprintf(stderr, "hailo-face: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace npu;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "backup" || command == "restore") return copy(command == "restore", argc, argv);
  kit::App app("hailo-face", std::string(kDescription),
               {.port = face::kFacePort,
                .dialect = &face::kFlaskDialect,
                .health_style = http::JsonStyle::kCompact,
                .openapi = face::face_openapi()});
  face::FaceConfig config;
  face::add_face_settings(app.settings(), config);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  kit::Model& detector = app.keep(config.detector.model);
  kit::ModelSet& models = app.models(config.models());
  face::FaceService service(config, detector, models, app.pool());
  service.add_routes(app.router());
  app.set_health([&] { return service.health(); });
  return app.run();
}
