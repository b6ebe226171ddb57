// What the manager can be told: /etc/hailo/manager.yaml, the HAILO_* variables, flags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "manager/settings/http_bind.hpp"
#include "manager/settings/installed.hpp"
#include "store/usual_model_dirs.hpp"

namespace npu::manager {

struct Config {
  std::string socket_path = "/run/hailo/device.sock";
  std::string socket_mode = "0660";
  std::string socket_group;  // "": the group of the device's node if there is one, else unchanged
  std::string http_bind = "127.0.0.1:5099";

  std::string device = "auto";      // auto, hailort, onnx, sim
  std::string sim_profile;          // with sim: a profile file or the name of a built-in one
  int worker_threads = 0;           // threads of one inference on the CPU; 0 lets the worker choose
  std::string group_id = "SHARED";  // with hailort: who names the same shares the chip
  std::string adapter_dir;          // with hailort: "": beside the worker, else the installed one
  double realtime_fps = 30;         // with hailort: of realtime frames that overtake tokens
  bool confine = true;              // workers give away what they do not need
  std::vector<std::string> also_opens;  // by workers all the same: files and folders
  std::string worker_path;              // "": beside the manager, else the installed one
  double start_timeout = 60;            // seconds until a worker has its device open
  double end_timeout = 10;              // seconds until a killed worker counts as stuck
  double device_wait = 60;              // seconds between looks for a device that nobody asks for

  std::vector<std::string> model_dirs = store::usual_model_dirs(installed_data_dir());
  std::string catalogue_dir = installed_data_dir() + "/catalogue";

  std::uint64_t max_message_bytes = 64 << 20;
  std::uint64_t max_connections = 4096;
  std::uint64_t max_regions = 64;
  std::uint64_t max_region_bytes = std::uint64_t{1} << 30;
  std::uint64_t max_in_flight = 64;
  std::uint64_t max_payload_bytes = std::uint64_t{256}
                                    << 20;  // large frames being received or queued
  std::uint64_t max_queued = 512;
  std::uint64_t max_queued_per_client = 128;
  std::vector<std::string> admins;  // users by name or number, groups as "group:NAME"
  std::uint64_t max_models = 256;   // on the device at a time
  std::uint64_t max_models_per_user = 64;
  std::uint64_t max_pins = 8;      // of one user who is no administrator
  double pinned_share = 0.5;       // of the device's memory, for the pins of all of those
  std::uint64_t model_memory = 0;  // bytes of a load or a run on the CPU; 0: by the model's file
  std::uint64_t context_bytes = std::uint64_t{256} << 20;  // that a language model keeps
  int codec_threads = 1;

  double keep_alive = -1;  // seconds; negative: for ever
  double min_residency = 2;
  double idle_lane = 600;
  double infer_timeout = 60;
  double generation_timeout = 600;
  double load_timeout = 180;
  double quarantine = 5;  // seconds that a model which has ended its worker is refused at first
  double aging = 5;
  double realtime_share = 0.5;  // of a lane's time, for one user while there are others
  std::vector<std::string> realtime_users{"*"};  // as AccountList has them

  double drain_timeout = 10;
  double tidy_interval = 5;   // seconds between two looks at what clients hold and do not use
  double write_timeout = 60;  // a client that hardly reads its replies for so long is dropped
  std::string log_level = "info";

  // Checked forms of the above.
  mode_t mode() const;
  std::optional<HttpBind> http() const;
};

// What the simulated lanes of one chip share: its memory, mostly.
std::string sim_state_path(const Config& config);

// Fills config from file, environment and arguments. A number: end the process with it.
std::optional<int> load_config(Config& config, int argc, const char* const* argv);

// The node of the first NPU: of what /sys/class/*hailo* names, or as the drivers call them,
// /dev/hailo0 and, from HailoRT 5.3 on, /dev/h1x-0. root: in front of all paths.
std::optional<std::string> device_node(const std::string& root = {});

// The group that the socket shall have. An unknown name and a group of the node that this process
// may not give away are warned of and leave the group as it is.
std::optional<gid_t> socket_group(const Config& config, const std::string& root = {});

}  // namespace npu::manager
