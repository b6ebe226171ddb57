#include "services/kit/model_rules.hpp"

#include "base/settings.hpp"

namespace npu::kit {
namespace {

// Of ModelRules and ModelSetRules.
template <class Rules>
void add_common(Settings& settings, Rules& rules) {
  settings.add("model.keep_alive", rules.keep_alive,
               {.help = "Seconds the model stays loaded after its last use; -1: for ever",
                .min = -1,
                .max = 1e9});
  if (rules.dir.empty()) rules.dir = "/var/lib/" + settings.program() + "/resources/models";
  settings.add(
      "resources.model_dir", rules.dir,
      {.env = settings.variable("MODEL_DIR"), .flag = "--model-dir", .help = "Where models lie"});
  settings.add("device.socket", rules.socket_path,
               {.env = "HAILO_DEVICE_SOCKET",
                .flag = "--device-socket",
                .help = "Socket of hailo-device-manager; empty: /run/hailo/device.sock"});
  settings.add("device.heartbeat_ms", rules.heartbeat_ms,
               {.help = "Between questions whether a manager that says nothing still answers",
                .min = 100,
                .max = 86'400'000});
}

}  // namespace

void add_model_settings(Settings& settings, ModelRules& rules) {
  settings.add("model.name", rules.name,
               {.env = settings.variable("MODEL"), .flag = "--model", .help = "Model to run"});
  settings.add("model.path", rules.path,
               {.env = settings.variable("MODEL_PATH"),
                .flag = "--model-path",
                .help = "The model's path; empty: <resources.model_dir>/<model.name>.hef"});
  add_common(settings, rules);
}

void add_model_set_settings(Settings& settings, ModelSetRules& rules) {
  settings.add("model.max_loaded", rules.max_loaded,
               {.env = settings.variable("MAX_LOADED"),
                .help = "Models that are kept loaded at a time",
                .min = 1,
                .max = 1000});
  add_common(settings, rules);
}

std::string path_of(const ModelRules& rules) {
  if (!rules.path.empty()) return rules.path;
  return rules.dir + "/" + rules.name + ".hef";
}

}  // namespace npu::kit
