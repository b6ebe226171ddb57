#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include <sys/utsname.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/hailort_probe.hpp"
#include "cli/selftest.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"
#include "store/sha256.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kStopThem =
    ", and the checks would disturb it and be disturbed. Stop it first (the manager: sudo "
    "systemctl "
    "stop hailo-device-manager, or Ctrl-C where it runs by hand), or say --force";

struct SelftestArguments {
  SelftestOptions options;
  HailortProbe probe;
  std::string report = "hailo-selftest.json";
  bool hardware = false;
  bool force = false;
  double limit = 0;  // seconds, 0: each check's own
};

int refuse(const std::string& message, int code) {
  fmt::print(stderr, "hailoctl: {}\n", message);
  return code;
}

// Why the checks would disturb others and be disturbed: the manager, or programs that have the
// device open. "" where nothing shows.
std::string in_use(const Context& context, const Result<json::object>& hardware) {
  auto options = context.client_options();
  options.timeout = Millis{5000};
  BlockingDeviceClient client(options);
  if (const auto status = client.status()) {
    const std::string id = status->device_id.value_or("");
    if (id.empty()) return "the manager runs and may take the device at any time";
    if (id != "cpu" && !id.starts_with("sim:")) return "the manager has the device " + id;
  } else if (status.error().code != ErrorCode::kUnavailable) {
    return "the manager runs and does not say whether it has the device (" +
           status.error().message + ")";
  }
  const auto* holders = hardware ? npu::json::Fields(*hardware).list("holders") : nullptr;
  if (holders == nullptr || holders->empty()) return {};
  std::vector<std::string> names;
  for (const auto& holder : *holders) {
    if (!holder.is_object()) continue;
    names.push_back(fmt::format("{} (process {:.0f})", text_at(holder.get_object(), "name"),
                                number_at(holder.get_object(), "pid")));
  }
  return fmt::format("{} {} the device open", fmt::join(names, ", "),
                     names.size() == 1 ? "has" : "have");
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
    if (name == "group_id" || name == "device" || !value.is_string()) continue;
    const std::string path(value.get_string());
    const auto sum = store::sha256_of_file(path);
    out[name] = json::object{{"file", std::filesystem::path(path).filename().string()},
                             {"sha256", sum ? json::value(*sum) : nullptr}};
  }
  return out;
}

json::object state_of(const HailortProbe& probe) {
  return {{"hardware", or_error(probe.ask({"machine"}, kLookWithin))},
          {"scan", or_error(without_serials(probe.ask({"scan"}, kAskWithin)))}};
}

json::object about_machine(const SelftestArguments& arguments, const json::object& versions) {
  utsname kernel{};
  ::uname(&kernel);
  std::string board;
  std::ifstream model("/proc/device-tree/model");
  std::getline(model, board, '\0');
  const auto& options = arguments.options;
  return {{"report", "hailoctl selftest --hardware"},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(SystemClock().wall()))},
          {"finished", false},
          {"hailoctl", version()},
          {"versions", versions},
          {"board", board.empty() ? "unknown" : valid_utf8(board)},
          {"kernel", fmt::format("{} {}", kernel.release, kernel.machine)},
          {"group_id", options.group_id},
          {"short", options.quick},
          {"files", files_of(options)}};
}

// The report is there from the beginning, and whole at any time.
class Report {
 public:
  Report(std::string path, json::object about) : path_(std::move(path)), about_(std::move(about)) {}

  Status set(std::string_view name, json::value value) {
    about_[name] = std::move(value);
    return write();
  }
  Status add(const CheckRecord& record) {
    records_.push_back(record);
    return write();
  }
  Status write() const {
    const std::string text = json::serialize(object()) + "\n";
    std::error_code failed;
    const auto kind = std::filesystem::status(path_, failed).type();
    const bool replace = kind == std::filesystem::file_type::regular ||
                         kind == std::filesystem::file_type::not_found;
    if (!replace) return write_file(path_, text);  // /dev/stdout stays
    const std::string unfinished = path_ + ".new";
    if (auto written = write_file(unfinished, text); !written) return written;
    std::filesystem::rename(unfinished, path_, failed);
    if (!failed) return {};
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot write {}: {}", path_, failed.message()));
  }
  json::object object() const { return report_of(records_, about_); }

 private:
  std::string path_;
  json::object about_;
  std::vector<CheckRecord> records_;
};

void show(const CheckRecord& record, bool done) {
  if (!done) {
    fmt::print("{:>2}  {}: {}\n", record.check.number, record.check.title, record.check.question);
  } else {
    fmt::print("    {}{}: {}\n", name_of(record.outcome),
               record.seconds > 0 ? fmt::format(" in {:.1f} s", record.seconds) : "",
               for_terminal(record.answer));
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
    *path = absolute_path(*path);
  }
  return {};
}

int selftest(const Context& context, SelftestArguments& arguments) {
  if (!arguments.hardware) {
    return refuse(
        "say --hardware: these checks load models onto the chip and take minutes; "
        "without a chip there is nothing to test",
        kUsage);
  }
  if (auto files = check_files(arguments.options); !files) {
    return refuse(files.error().message, kFailed);
  }
  const auto versions = arguments.probe.ask({"versions"}, kLoadWithin);
  if (!versions) return refuse(versions.error().message, kFailed);
  const auto list = arguments.probe.ask({"checks"}, kLoadWithin);
  if (!list) return refuse(list.error().message, kFailed);
  const auto checks = parse_checks(*list);
  if (!checks) return refuse(checks.error().message, kFailed);
  if (auto known = check_numbers(*checks, arguments.options); !known) {
    return refuse(known.error().message, kUsage);
  }
  if (!arguments.force) {
    const std::string why = in_use(context, arguments.probe.ask({"machine"}, kLookWithin));
    if (!why.empty()) return refuse(for_terminal(why) + kStopThem, kFailed);
  }
  Report report(arguments.report, about_machine(arguments, *versions));
  if (auto written = report.write(); !written) return refuse(written.error().message, kFailed);
  if (auto written = report.set("before", state_of(arguments.probe)); !written) {
    return refuse(written.error().message, kFailed);
  }
  const std::string options = json::serialize(arguments.options.to_json());
  const auto run = [&](const HardwareCheck& check, Millis limit) {
    if (arguments.limit > 0) limit = Millis(static_cast<std::int64_t>(arguments.limit * 1000));
    return arguments.probe.run({"check", std::to_string(check.number), "--options", options},
                               limit);
  };
  Status written;
  const auto told = [&](const CheckRecord& record, bool done) {
    if (!context.json) show(record, done);
    if (done && written) written = report.add(record);
  };
  const auto records = run_checks(*checks, arguments.options, run, told);
  if (written) written = report.set("after", state_of(arguments.probe));
  if (written) written = report.set("finished", true);
  if (context.json) print_json(report.object());
  if (!written) return refuse(written.error().message, kFailed);
  if (!context.json) {
    fmt::print("\nThe report is in {}; please attach it to a bug report.\n", arguments.report);
  }
  return exit_code_of(records);
}

}  // namespace

void add_selftest(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<SelftestArguments>();
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
  command->add_option("--device", options.device,
                      "Id of the device to ask, such as 0001:01:00.0; the first one by default");
  command->add_option("--report", arguments->report, "Where to write the report, a JSON file")
      ->capture_default_str();
  command->add_flag("--force", arguments->force,
                    "Even while the manager runs or a program has the device open");
  arguments->probe.add_to(*command);
  command->callback([&context, arguments] { context.exit_code = selftest(context, *arguments); });
}

}  // namespace npu::cli
