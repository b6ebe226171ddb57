// Which model a service runs, or which models: the keys `model.*`, `resources.model_dir` and
// `device.socket`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace npu {
class Settings;
}

namespace npu::kit {

struct ModelRules {
  std::string type;  // the family, in the manager's words: "depth"
  std::string name;
  std::string path{};         // empty: <dir>/<name>.hef
  std::string dir{};          // where models lie
  double keep_alive = -1;     // seconds that the model stays after its last use; negative: for ever
  std::string socket_path{};  // of the device manager; empty: the client's default
  int heartbeat_ms = 15'000;  // between questions whether it still answers
  std::optional<boost::json::object> params{};  // of the family, beside those of the manager
  bool pictures = true;  // the model takes one picture; one that does not, is not loaded
};

// rules: the defaults; must outlive the settings' load().
void add_model_settings(Settings& settings, ModelRules& rules);

// Several models of one service, loaded when they are asked for.
struct ModelSetRules {
  std::vector<ModelRules>
      models;  // names are unique; dir, keep_alive and what is of the manager are the set's
  std::string dir{};
  double keep_alive = -1;
  std::string socket_path{};
  int heartbeat_ms = 15'000;
  int max_loaded = 2;
};

// As above, with model.max_loaded in place of model.name and model.path.
void add_model_set_settings(Settings& settings, ModelSetRules& rules);

// The path that names the model to the manager.
std::string path_of(const ModelRules& rules);

}  // namespace npu::kit
