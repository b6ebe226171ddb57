#include <filesystem>
#include <fstream>
#include <memory>

#include <sys/utsname.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/probe.hpp"
#include "cli/selftest.hpp"
#include "cli/status_text.hpp"
#include "store/sha256.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr std::chrono::seconds kLook{15};
constexpr std::chrono::seconds kLoad{30};
constexpr std::chrono::seconds kAsk{60};

struct Arguments {
  SelftestOptions options;
  Probe probe;
  std::string report = "hailo-selftest.json";
  bool hardware = false;
  bool force = false;
  double limit = 0;  // seconds, 0: each check's own
};

int refuse(const std::string& message, int code) {
  fmt::print(stderr, "hailoctl: {}\n", message);
  return code;
}

// Whether the manager has, or may take at any time, a real device; and which.
std::string chip_of_manager(const Context& context) {
  auto options = context.client_options();
  options.timeout = Millis{5000};
  BlockingDeviceClient client(options);
  const auto status = client.status();
  if (!status) return {};
  const std::string id = text_at(*status, "device_id");
  return id == "-" || id == "cpu" || id.starts_with("sim:") ? "" : id;
}

json::value or_error(const Result<json::object>& answer) {
  if (answer) return *answer;
  return json::object{{"error", answer.error().message}};
}

// Reports are for everybody to read.
Result<json::object> without_serials(Result<json::object> scan) {
  auto* devices = scan ? scan->if_contains("devices") : nullptr;
  if (devices == nullptr || !devices->is_array()) return scan;
  for (auto& device : devices->get_array()) {
    if (device.is_object()) device.get_object().erase("serial");
  }
  return scan;
}

// Names and sums of the files, so that somebody else can take the same.
json::object files_of(const SelftestOptions& options) {
  json::object out;
  for (const auto& [name, value] : options.to_json()) {
    if (name == "group_id" || !value.is_string()) continue;
    const std::string path(value.get_string());
    const auto sum = store::sha256_of_file(path);
    out[name] = json::object{{"file", std::filesystem::path(path).filename().string()},
                             {"sha256", sum ? json::value(*sum) : nullptr}};
  }
  return out;
}

json::object about_machine(const Arguments& arguments, const json::object& versions) {
  utsname kernel{};
  ::uname(&kernel);
  std::string board;
  std::ifstream model("/proc/device-tree/model");
  std::getline(model, board, '\0');
  const auto& options = arguments.options;
  return {{"report", "hailoctl selftest --hardware"},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(SystemClock().wall()))},
          {"hailoctl", version()},
          {"versions", versions},
          {"board", board.empty() ? "unknown" : board},
          {"kernel", fmt::format("{} {}", kernel.release, kernel.machine)},
          {"hardware", or_error(arguments.probe.ask({"machine"}, kLook))},
          {"scan", or_error(without_serials(arguments.probe.ask({"scan"}, kAsk)))},
          {"group_id", options.group_id},
          {"short", options.quick},
          {"files", files_of(options)}};
}

void show(const CheckRecord& record, bool done) {
  if (!done) {
    fmt::print("{:>2}  {}: {}\n", record.check.number, record.check.title, record.check.question);
  } else {
    fmt::print("    {}{}: {}\n", name_of(record.outcome),
               record.seconds > 0 ? fmt::format(" in {:.1f} s", record.seconds) : "",
               record.answer);
  }
  std::fflush(stdout);
}

Status check_files(SelftestOptions& options) {
  for (std::string* path :
       {&options.hef, &options.llm, &options.llm2, &options.vlm, &options.speech}) {
    if (path->empty()) continue;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(*path, failed)) {
      return fail(ErrorCode::kNotFound, fmt::format("there is no file {}", *path));
    }
    *path = std::filesystem::absolute(*path, failed).lexically_normal().string();
  }
  return {};
}

int selftest(const Context& context, Arguments& arguments) {
  if (!arguments.hardware) {
    return refuse(
        "say --hardware: these checks load models onto the chip and take minutes; "
        "without a chip there is nothing to test",
        kUsage);
  }
  if (auto files = check_files(arguments.options); !files) {
    return refuse(files.error().message, kFailed);
  }
  const auto list = arguments.probe.ask({"checks"}, kLook);
  if (!list) return refuse(list.error().message, kFailed);
  const auto checks = parse_checks(*list);
  if (!checks) return refuse(checks.error().message, kFailed);
  const auto versions = arguments.probe.ask({"versions"}, kLoad);
  if (!versions) return refuse(versions.error().message, kFailed);
  if (const std::string chip = chip_of_manager(context); !chip.empty() && !arguments.force) {
    return refuse(fmt::format("the manager has the device {}, and the checks would disturb it and "
                              "be disturbed. Stop it first:\n  sudo systemctl stop "
                              "hailo-device-manager.socket hailo-device-manager\nor say --force",
                              chip),
                  kFailed);
  }
  const std::string options = json::serialize(arguments.options.to_json());
  const auto run = [&](const HardwareCheck& check, Millis limit) {
    if (arguments.limit > 0) limit = Millis(static_cast<std::int64_t>(arguments.limit * 1000));
    return arguments.probe.run({"check", std::to_string(check.number), "--options", options},
                               limit);
  };
  const auto records = run_checks(*checks, arguments.options, run,
                                  context.json ? [](const CheckRecord&, bool) {} : show);
  const auto report = report_of(records, about_machine(arguments, *versions));
  if (auto written = write_file(arguments.report, json::serialize(report) + "\n"); !written) {
    return refuse(written.error().message, kFailed);
  }
  if (context.json) {
    print_json(report);
  } else {
    fmt::print("\nThe report is in {}; please attach it to a bug report.\n", arguments.report);
  }
  return exit_code_of(records);
}

}  // namespace

void add_selftest(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  auto& options = arguments->options;
  auto* command = app.add_subcommand("selftest", "Ask a real chip what only it can answer");
  command->footer(
      "Fourteen questions about memory, language models, sessions, aborts and restarts, each in a\n"
      "process of its own with a deadline: what hangs is an answer too. Takes some minutes and\n"
      "loads models; stop the manager before. Questions whose files are not given are skipped.\n\n"
      "Example:  hailoctl selftest --hardware --hef yolov8n.hef --llm qwen2.5-1.5b.hef\n\n"
      "Exit status: 0 every question was answered or skipped, 1 one failed, hung or crashed,\n"
      "2 wrong command line.");
  command->add_flag("--hardware", arguments->hardware, "Yes, use the chip");
  command->add_option("--hef", options.hef, "A vision model");
  command->add_option("--llm", options.llm, "A language model");
  command->add_option("--llm2", options.llm2, "Another language model");
  command->add_option("--vlm", options.vlm, "A vision-language model");
  command->add_option("--speech", options.speech, "A speech model");
  command->add_option("--only", options.only, "Ask this question only, by number; may be repeated")
      ->check(CLI::PositiveNumber);
  command->add_flag("--short", options.quick, "Measure less often");
  command->add_flag("--reboot", options.reboot, "Question 8 may restart the chip");
  command->add_flag("--ollama", options.ollama, "hailo-ollama runs for question 12");
  command
      ->add_option("--limit", arguments->limit,
                   "Seconds after which a check hangs, instead of its own limit")
      ->check(CLI::PositiveNumber);
  command->add_option("--group-id", options.group_id, "HailoRT group id to use")
      ->capture_default_str();
  command->add_option("--report", arguments->report, "Where to write the report, a JSON file")
      ->capture_default_str();
  command->add_flag("--force", arguments->force, "Even while the manager has the device");
  arguments->probe.add_to(*command);
  command->callback([&context, arguments] { context.exit_code = selftest(context, *arguments); });
}

}  // namespace npu::cli
