#include "manager/settings/config.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/account_name.hpp"
#include "base/log.hpp"
#include "base/settings.hpp"
#include "manager/settings/socket_mode.hpp"

namespace npu::manager {
namespace {

constexpr double kDay = 86400;
constexpr double kGiB = 1024.0 * 1024 * 1024;

Status check_mode(const std::string& text) {
  const auto mode = parse_socket_mode(text);
  return mode ? Status{} : fail(mode.error());
}

Status check_level(const std::string& text) {
  const auto level = log::parse_level(text);
  return level ? Status{} : fail(level.error());
}

// Each lane is a process of its own, so the group must be one that can be joined.
Status check_group(const std::string& text) {
  if (text == "UNIQUE") {
    return fail(ErrorCode::kInvalidArgument,
                "UNIQUE would keep the manager's own workers from sharing the chip");
  }
  return text.empty() ? fail(ErrorCode::kInvalidArgument, "a group needs a name") : Status{};
}

// What the reference manager takes for no group.
bool is_negative(const std::string& text) {
  return text.size() > 1 && text[0] == '-' &&
         text.find_first_not_of("0123456789", 1) == std::string::npos;
}

void add_socket(Settings& settings, Config& config) {
  settings.add(
      "socket.path", config.socket_path,
      {.env = "HAILO_DEVICE_SOCKET", .flag = "--socket-path", .help = "Unix socket to serve"});
  settings.add("socket.mode", config.socket_mode,
               {.env = "HAILO_DEVICE_SOCKET_MODE",
                .flag = "--socket-mode",
                .help = "its mode, octal, e.g. 0660",
                .check = check_mode});
  settings.add("socket.group", config.socket_group,
               {.env = "HAILO_DEVICE_SOCKET_GROUP",
                .flag = "--socket-group",
                .help = "its group; empty takes the group of the NPU's node"});
  settings.add("http.bind", config.http_bind,
               {.env = "HAILO_DEVICE_HTTP_BIND",
                .flag = "--http",
                .help = "host:port of the status endpoint, or off",
                .empty_counts = true});
}

void add_device(Settings& settings, Config& config) {
  settings.add("device.kind", config.device,
               {.env = "HAILO_DEVICE",
                .flag = "--device",
                .help = "auto takes an NPU if there is one, else the CPU",
                .choices = {"auto", "hailort", "onnx", "sim"}});
  settings.add("device.sim_profile", config.sim_profile,
               {.env = "HAILO_SIM_PROFILE",
                .flag = "--sim-profile",
                .help = "simulated device: a profile file or a built-in name"});
  settings.add("device.threads", config.worker_threads,
               {.env = "HAILO_WORKER_THREADS",
                .flag = "--threads",
                .help = "CPU threads of one inference; 0 chooses",
                .min = 0,
                .max = 256});
  settings.add("device.group_id", config.group_id,
               {.env = "HAILO_DEVICE_GROUP_ID",
                .flag = "--group-id",
                .help = "hailort: programs that name the same group share the chip; -1: SHARED",
                .check = check_group});
  settings.add("device.adapter_dir", config.adapter_dir,
               {.env = "HAILO_DEVICE_ADAPTER_DIR",
                .flag = "--adapter-dir",
                .help = "hailort: folder of the adapters; empty: where they are installed"});
  settings.add("device.realtime_fps", config.realtime_fps,
               {.help = "hailort: frames a second of realtime requests that may overtake tokens",
                .min = 0,
                .max = 1e6});
  settings.add("worker.path", config.worker_path,
               {.env = "HAILO_DEVICE_WORKER", .flag = "--worker", .help = "the worker program"});
  settings.add("worker.confine", config.confine,
               {.env = "HAILO_WORKER_CONFINE",
                .help = "workers give away what they do not need of the system"});
  settings.add("worker.also_opens", config.also_opens,
               {.env = "HAILO_WORKER_ALSO_OPENS",
                .help = "files and folders that a confined worker may open and write besides"});
  settings.add("worker.start_timeout", config.start_timeout,
               {.help = "seconds until a worker has opened its device", .min = 0.1, .max = kDay});
  settings.add(
      "worker.end_timeout", config.end_timeout,
      {.help = "seconds until a worker that was killed counts as stuck", .min = 0.1, .max = kDay});
  settings.add("worker.device_wait", config.device_wait,
               {.help = "seconds between two looks for a device that is not there, while nobody "
                        "asks for it",
                .min = 0.1,
                .max = kDay});
  settings.add(
      "models.dirs", config.model_dirs,
      {.env = "HAILO_MODEL_DIRS",
       .flag = "--model-dirs",
       .help =
           "folders where model files may lie, with : between them; the last part may contain *"});
  settings.add("models.catalogue", config.catalogue_dir,
               {.env = "HAILO_CATALOGUE", .flag = "--catalogue", .help = "the catalogue's folder"});
}

void add_limits(Settings& settings, Config& config) {
  settings.add("limits.message_bytes", config.max_message_bytes,
               {.env = "HAILO_DEVICE_MAX_MESSAGE_BYTES",
                .help = "largest frame, both ways",
                .min = 1024,
                .max = kGiB});
  settings.add("limits.connections", config.max_connections,
               {.help = "clients at a time; one user has as many as are then still free",
                .min = 1,
                .max = 65536});
  settings.add("limits.regions", config.max_regions,
               {.help = "shared-memory regions of one connection", .min = 0, .max = 4096});
  settings.add("limits.region_bytes", config.max_region_bytes,
               {.help = "bytes of all regions of one connection", .min = 4096, .max = 64 * kGiB});
  settings.add("limits.in_flight", config.max_in_flight,
               {.help = "requests in flight on one connection", .min = 1, .max = 4096});
  settings.add("limits.payload_bytes", config.max_payload_bytes,
               {.help = "bytes of large frames held at a time; over it their senders wait",
                .min = 1 << 20,
                .max = 64 * kGiB});
  settings.add(
      "limits.queued", config.max_queued,
      {.help = "requests waiting, all clients; one user has as many as are then still free",
       .min = 1,
       .max = 1e6});
  settings.add("limits.queued_per_client", config.max_queued_per_client,
               {.help = "requests waiting, one client", .min = 1, .max = 1e6});
  settings.add(
      "limits.realtime_share", config.realtime_share,
      {.help = "part of a lane's time in which realtime work of one user goes before others",
       .min = 0,
       .max = 1});
  settings.add("limits.realtime_users", config.realtime_users,
               {.help = "users and groups, named as in limits.admins, who may ask for realtime; * "
                        "is everybody"});
  settings.add("limits.admins", config.admins,
               {.help = "users, by name or number, and groups, as group:NAME, who may do what "
                        "concerns all users; root and the manager's user may anyway"});
  settings.add("limits.models", config.max_models,
               {.help = "models on the device, whatever memory they take", .min = 1, .max = 4096});
  settings.add("limits.models_per_user", config.max_models_per_user,
               {.help = "of them, those that one user brought in", .min = 1, .max = 4096});
  settings.add(
      "limits.pins", config.max_pins,
      {.help = "models that one user keeps pinned, if no administrator", .min = 0, .max = 4096});
  settings.add("limits.pinned_share", config.pinned_share,
               {.help = "part of the device's memory that users pin, who are no administrators",
                .min = 0,
                .max = 1});
  settings.add("limits.model_memory_bytes", config.model_memory,
               {.help = "CPU: memory that a load or a run may take beyond what the worker has; 0: "
                        "512 MiB, or 16 times the model's file where that is more",
                .min = 0,
                .max = 1024 * kGiB});
  settings.add(
      "limits.context_bytes", config.context_bytes,
      {.help = "memory for conversations that a language model can go on with; over it the "
               "oldest of the user who holds most is forgotten",
       .min = 0,
       .max = 1024 * kGiB});
  settings.ignore("limits.max_evictions", "evictions are planned, and none is in vain");
  settings.add(
      "limits.tidy_interval", config.tidy_interval,
      {.help = "seconds between two looks for clients that are too slow", .min = 0.1, .max = 10});
  settings.add("limits.write_timeout", config.write_timeout,
               {.help = "seconds until a client that hardly reads its replies is dropped",
                .min = 1,
                .max = kDay});
}

void add_policy(Settings& settings, Config& config) {
  settings.add("policy.keep_alive", config.keep_alive,
               {.help = "seconds a model stays after its last use; negative: for ever",
                .min = -1,
                .max = 1e9});
  settings.add(
      "policy.min_residency", config.min_residency,
      {.help = "seconds that a loaded model is safe from eviction", .min = 0, .max = kDay});
  settings.add("policy.idle_lane", config.idle_lane,
               {.help = "seconds until an idle worker ends", .min = 1, .max = 1e9});
  settings.add("policy.infer_timeout", config.infer_timeout,
               {.help = "seconds that a vision or speech inference may take without progress",
                .min = 0.1,
                .max = kDay});
  settings.add("policy.generation_timeout", config.generation_timeout,
               {.help = "seconds until a generation counts as stuck", .min = 0.1, .max = kDay});
  settings.add("policy.load_timeout", config.load_timeout,
               {.help = "seconds until a load counts as stuck", .min = 0.1, .max = kDay});
  settings.add("policy.quarantine", config.quarantine,
               {.help = "seconds that a model is refused which has ended its worker or run into a "
                        "limit, twice as long each time; 0: not at all",
                .min = 0,
                .max = 3600});
  settings.add(
      "policy.aging", config.aging,
      {.help = "seconds of waiting that lift a request by one class", .min = 0.01, .max = kDay});
  settings.add("drain_timeout", config.drain_timeout,
               {.flag = "--drain-timeout",
                .help = "seconds that running work gets on stop",
                .min = 0,
                .max = 3600});
  settings.add("codec_threads", config.codec_threads,
               {.help = "threads that parse and write the large messages of one user at a time",
                .min = 1,
                .max = 16});
  settings.add("log.level", config.log_level,
               {.env = "HAILO_LOG_LEVEL",
                .flag = "--log-level",
                .help = "debug, info, warning or error",
                .check = check_level});
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// Sorted; none where there is no such folder.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    names.push_back(at->path().filename());
  }
  std::ranges::sort(names);
  return names;
}

std::optional<gid_t> group_by_name(const std::string& name) {
  if (const auto id = group_id(name)) return id;
  log::warning("there is no group \"{}\"; the socket keeps the group of this process", name);
  return std::nullopt;
}

}  // namespace

mode_t Config::mode() const { return parse_socket_mode(socket_mode).value_or(0660); }

std::optional<HttpBind> Config::http() const { return parse_http_bind(http_bind); }

std::string sim_state_path(const Config& config) { return config.socket_path + ".sim"; }

std::optional<int> load_config(Config& config, int argc, const char* const* argv) {
  Settings settings("hailo-device-manager",
                    "Owns the NPU and shares it among programs over a Unix socket.");
  settings.config_file({"/etc/hailo/manager.yaml"}, "HAILO_MANAGER_CONFIG");
  add_socket(settings, config);
  add_device(settings, config);
  add_limits(settings, config);
  add_policy(settings, config);
  const auto ends_with = settings.load(argc, argv);
  if (is_negative(config.group_id)) config.group_id = "SHARED";
  return ends_with;
}

std::optional<std::string> device_node(const std::string& root) {
  for (const std::string& driver : names_in(root + "/sys/class")) {
    if (driver.find("hailo") == std::string::npos) continue;
    for (const std::string& name : names_in(root + "/sys/class/" + driver)) {
      if (exists(root + "/dev/" + name)) return root + "/dev/" + name;
    }
  }
  for (const std::string& name : names_in(root + "/dev")) {
    const bool numbered = !name.empty() && name.back() >= '0' && name.back() <= '9';
    if (numbered && (name.starts_with("hailo") || name.starts_with("h1x-"))) {
      return root + "/dev/" + name;
    }
  }
  return std::nullopt;
}

std::optional<gid_t> socket_group(const Config& config, const std::string& root) {
  if (!config.socket_group.empty()) return group_by_name(config.socket_group);
  const auto node = device_node(root);
  struct stat info{};
  if (!node || ::stat(node->c_str(), &info) != 0) return std::nullopt;
  if (::geteuid() != 0 && ::group_member(info.st_gid) == 0) {
    log::warning("not a member of the group of {}; the socket keeps the group of this process",
                 *node);
    return std::nullopt;
  }
  return info.st_gid;
}

}  // namespace npu::manager
