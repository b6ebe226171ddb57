#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/pull.hpp"
#include "store/checksum_file.hpp"

namespace npu::cli {
namespace {

constexpr const char* kWhatThereIs = "What there is:  hailoctl models --available";

struct PullArguments {
  std::vector<std::string> names;
  ModelStore models;
  PullOptions options;
  double stall = 30;  // seconds
  double delay = 1;
  HailortProbe probe;
};

// A file for something else than what is here is fetched all the same, for another machine perhaps.
void warn_of_misfit(const store::CatalogueEntry& entry, const PullOptions& options,
                    const DeviceHere& here) {
  if (!here.kind.empty() && here.kind != options.device) {
    fmt::print(stderr, "hailoctl: warning: {} for {} does not run here: this machine has {}\n",
               entry.name, options.device, here.kind == "onnx" ? "no NPU" : here.kind);
  }
  const auto file = entry.files.find(options.device);
  if (file != entry.files.end() && here.kind == options.device &&
      is_newer(file->second.hailort, here.release)) {
    fmt::print(stderr,
               "hailoctl: warning: {} was compiled for HailoRT {} and may not run here, with {}\n",
               file->second.path, file->second.hailort, here.release);
  }
}

int pull_all(const Context& context, PullArguments& arguments) {
  const DeviceHere here = device_here(context, arguments.probe);
  PullOptions& options = arguments.options;
  const bool chosen = !options.device.empty();
  PullProgress progress(context.json ? nullptr : stderr, ::isatty(STDERR_FILENO) == 1);
  boost::json::array results;
  int code = kOk;
  const auto failed = [&](const std::string& name, const Error& error, const std::string& advice) {
    code = kFailed;
    if (!context.json) {
      context.report(error, advice);
      return;
    }
    results.push_back({{"name", name},
                       {"error", error.message},
                       {"code", wire_name(error.code)},
                       {"advice", advice}});
  };
  for (const auto& name : arguments.names) {
    const auto entry = arguments.models.entry(name);
    if (!entry) {
      failed(name, entry.error(), kWhatThereIs);
      continue;
    }
    if (!chosen) options.device = here.kind;
    if (!chosen && here.kind.empty() && (*entry)->files.size() == 1) {
      options.device = (*entry)->files.begin()->first;
    }
    if (options.device.empty()) {
      failed(name,
             {ErrorCode::kInvalidArgument,
              fmt::format("neither a manager nor a chip answers here: which file of {}?", name)},
             fmt::format("Say it:  hailoctl pull {} --device DEVICE   ({})", name,
                         devices_of(**entry)));
      continue;
    }
    warn_of_misfit(**entry, options, here);
    std::vector<Pulled> done;
    const auto failure = pull(arguments.models, **entry, options, progress, done);
    for (const auto& file : done) {
      if (context.json) {
        results.push_back(file.to_json());
      } else {
        fmt::print("{}\n", file.text());
      }
    }
    if (failure) failed(name, failure->error, failure->advice);
  }
  if (context.json) print_json(results);
  return code;
}

}  // namespace

void add_pull(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<PullArguments>();
  auto* command = app.add_subcommand("pull", "Fetch models of the catalogue by their names");
  command->footer(
      "Fetches each model's file for the device that is here, from where its publisher has it, "
      "into "
      "the\n"
      "folder that the manager looks into. What a break leaves behind is kept: run the same "
      "command "
      "again.\n"
      "A file whose SHA-256 is not the catalogue's, or not the one that the first pull recorded "
      "beside it\n"
      "(NAME.sha256), is thrown away. Proxies: https_proxy, http_proxy, no_proxy.\n\n"
      "Examples:  hailoctl models --available\n"
      "           sudo hailoctl pull scdepthv3\n"
      "           hailoctl pull yolov8s yolov8s_pose --device hailo10h --dir ~/models --dry-run");
  command->add_option("names", arguments->names, "Names of the catalogue")->required();
  command->add_option(
      "--device", arguments->options.device,
      "Take the file for this device (hailo10h, hailo8, onnx), not for the one here");
  auto* sum = command->add_option("--sha256", arguments->options.sha256,
                                  "The SHA-256 that the file must have, of a single model");
  sum->check(readable_by(store::parse_sha256));
  command->add_flag("--dry-run", arguments->options.dry_run, "Say what would be fetched");
  command
      ->add_option("--retries", arguments->options.download.retries,
                   "Tries again, one after another, in which nothing comes")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command
      ->add_option("--retry-delay", arguments->delay,
                   "Seconds before the first of them; then twice as long each time, up to 30")
      ->check(CLI::Range(0.0, 30.0))
      ->capture_default_str();
  command->add_option("--stall", arguments->stall, "Seconds without a byte that count as a break")
      ->check(CLI::Range(0.05, 3600.0))
      ->capture_default_str();
  arguments->models.add_to(*command);
  arguments->probe.add_to(*command);
  command->callback([&context, arguments] {
    PullOptions& options = arguments->options;
    if (!options.sha256.empty()) {
      if (arguments->names.size() > 1) {
        throw CLI::ValidationError("--sha256", "is for one model at a time");
      }
      options.sha256 = *store::parse_sha256(options.sha256);
    }
    options.download.stall = Millis(static_cast<std::int64_t>(arguments->stall * 1000));
    options.download.first_delay = Millis(static_cast<std::int64_t>(arguments->delay * 1000));
    options.download.user_agent = "hailoctl/" + version();
    std::signal(SIGXFSZ, SIG_IGN);  // a file over the user's limit is an error of write()
    context.exit_code = pull_all(context, *arguments);
  });
}

}  // namespace npu::cli
