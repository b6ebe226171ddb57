#include "worker/options.hpp"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/lane.hpp"
#include "base/version.hpp"

namespace npu::worker {
namespace {

constexpr const char* kDescription =
    "Runs the models of one lane for hailo-device-manager, which starts it.\n"
    "It speaks over an inherited socket and ends when that is closed; started by hand it is of "
    "use\n"
    "only to tests. What it can be asked is in src/wire/worker_link.md.";

constexpr const char* kFooter =
    "Devices: hailort is a Hailo accelerator, through the adapter for the HailoRT that this "
    "machine\n"
    "has. onnx runs tensor models on the CPU. sim is a simulated accelerator, described by a\n"
    "profile: a file, or one of the built-in ones, hailo10h (default) and null. auto takes the\n"
    "first that this machine has, and never sim.\n\n"
    "Environment: HAILO_SIM_FAULTS names a file with faults for the simulated device to show.";

std::vector<std::string> lane_names() {
  std::vector<std::string> names;
  names.reserve(kLanes.size());
  for (const Lane lane : kLanes) names.emplace_back(name_of(lane));
  return names;
}

std::string check_socket(const std::string& text) {
  struct stat info{};
  int fd = -1;
  if (!CLI::detail::lexical_cast(text, fd) || fd < 3 || ::fstat(fd, &info) != 0 ||
      !S_ISSOCK(info.st_mode)) {
    return fmt::format(
        "{} is not the number of an open socket; hailo-device-manager starts this program", text);
  }
  return {};
}

}  // namespace

std::optional<int> parse_options(int argc, const char* const* argv, Options& options) {
  CLI::App app(kDescription, "hailo-device-worker");
  app.footer(kFooter);
  app.set_version_flag("--version", version());
  std::string level = "info";
  app.add_option("--lane", options.lane, "which work it does; for logs")
      ->required()
      ->check(CLI::IsMember(lane_names()));
  app.add_option("--link-fd", options.link_fd, "number of the inherited socket")
      ->required()
      ->check(check_socket);
  app.add_option("--device", options.device, "hailort, onnx, sim or auto")->capture_default_str();
  app.add_option("--threads", options.open.threads,
                 "CPU threads of one inference; 0: all cores but one")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  app.add_option("--model-memory", options.open.model_memory,
                 "onnx: bytes that a load or a run may take; 0: by the size of the model's file")
      ->capture_default_str();
  app.add_option("--context-memory", options.context_bytes,
                 "bytes that a generative model may keep of conversations")
      ->capture_default_str();
  app.add_option_function<double>(
         "--run-limit",
         [&options](double seconds) {
           options.open.run_limit =
               std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
         },
         "onnx: longest time of a run, in seconds; without it there is none")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("--sim-profile", options.open.sim_profile, "built-in name or YAML file");
  app.add_option("--sim-state", options.open.sim_state,
                 "file through which the workers of one simulated chip share its memory and time")
      ->envname("HAILO_SIM_STATE");
  app.add_option("--group-id", options.open.group_id,
                 "hailort: programs that name the same group share the chip")
      ->capture_default_str();
  app.add_option("--adapter-dir", options.open.adapter_dir,
                 "hailort: folder of the adapters; empty: where they are installed");
  app.add_option("--realtime-fps", options.open.realtime_fps,
                 "hailort: frames a second of realtime requests that may overtake generated tokens")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--model-dirs", options.open.model_dirs,
                 "hailort: folders of models, with : between them")
      ->delimiter(':');
  app.add_flag("--confine,!--no-confine", options.confine,
               "whether it gives away what it does not need; yes");
  app.add_option("--also-opens", options.also_opens,
                 "files and folders that a confined worker may open and write, with : between them")
      ->delimiter(':');
  app.add_option("--last-words-fd", options.last_words_fd,
                 "number of an inherited pipe, for the denied system call that ended it");
  app.add_option("--log-level", level, "debug, info, warning or error")->capture_default_str();
  try {
    app.parse(argc, argv);
    const auto parsed = log::parse_level(level);
    if (!parsed) throw CLI::ValidationError("--log-level", parsed.error().message);
    options.log_level = *parsed;
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
}

}  // namespace npu::worker
