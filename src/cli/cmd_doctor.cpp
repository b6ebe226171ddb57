#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/doctor/config.hpp"
#include "cli/doctor/doctor.hpp"
#include "cli/hailort_probe.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr std::chrono::seconds kManager{10};
constexpr Millis kToBeReadyWithin = std::chrono::seconds(2);

struct DoctorArguments {
  std::vector<std::string> model_dirs;
  std::string root;
  std::string group_id;
  HailortProbe probe;
};

const char* colour_of(Level level) {
  switch (level) {
    case Level::kGood: return "\x1b[32m";
    case Level::kWarning: return "\x1b[33m";
    case Level::kError: return "\x1b[31m";
  }
  return "";
}

// Names of programs and files are in it, which anybody may choose.
void print(const Finding& finding) {
  const bool colours = ::isatty(STDOUT_FILENO) != 0;
  fmt::print("{}{:<8}{} {}\n", colours ? colour_of(finding.level) : "", name_of(finding.level),
             colours ? "\x1b[0m" : "", for_terminal(finding.what));
  std::istringstream advice(finding.advice);
  for (std::string line; std::getline(advice, line);) {
    fmt::print("           {}\n", for_terminal(line));
  }
  std::fflush(stdout);
}

json::array to_json(const Findings& findings) {
  json::array out;
  for (const auto& finding : findings) {
    out.push_back(json::object{{"check", finding.check},
                               {"level", name_of(finding.level)},
                               {"what", finding.what},
                               {"advice", finding.advice}});
  }
  return out;
}

Machine about(const Context& context, const DoctorArguments& arguments) {
  Machine machine;
  machine.root = arguments.root;
  machine.client = context.client_options();
  read_config(machine, arguments.group_id.empty(), arguments.model_dirs.empty());
  if (!arguments.group_id.empty()) machine.group_id = arguments.group_id;
  if (!arguments.model_dirs.empty()) machine.model_dirs = arguments.model_dirs;
  machine.inspect = [&probe = arguments.probe](const std::string& path) {
    return probe.ask({"inspect", path}, kLookWithin);
  };
  return machine;
}

Asking asking(const DoctorArguments& arguments, Millis most) {
  const auto ask = [&arguments, most](std::vector<std::string> what, Millis limit) {
    return arguments.probe.ask(std::move(what), std::min(limit, most));
  };
  return {.hardware =
              [ask, &arguments](Machine& machine) {
                std::vector<std::string> words{"machine"};
                if (!arguments.root.empty()) {
                  words.insert(words.end(), {"--root", arguments.root});
                }
                machine.hardware = ask(std::move(words), kLookWithin);
              },
          .device =
              [ask](Machine& machine) {
                if (!machine.hardware) return;
                machine.versions = ask({"versions"}, kLoadWithin);
                if (machine.has_hardware()) machine.scan = ask({"scan"}, kAskWithin);
              },
          .services =
              [most](Machine& machine) {
                if (!machine.root.empty()) return;  // its programs cannot be asked
                machine.services = look_up(*find_services({}));
                ask_ready(machine.services, std::min(kToBeReadyWithin, most));
              }};
}

int doctor(const Context& context, const DoctorArguments& arguments) {
  Machine machine = about(context, arguments);
  const Millis most = machine.client.timeout;
  machine.client.timeout = std::min(most, Millis(kManager));
  const auto findings = examine(machine, asking(arguments, most), [&](const Finding& finding) {
    if (!context.json) print(finding);
  });
  if (context.json) print_json(to_json(findings));
  return exit_code_of(findings);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<DoctorArguments>();
  if (const char* root = std::getenv("HAILO_DOCTOR_ROOT")) arguments->root = root;
  auto* command = app.add_subcommand("doctor", "Find out what is wrong and what to do about it");
  command->footer(
      "Looks at chip, kernel module, HailoRT and firmware and whether their versions match, "
      "device\n"
      "nodes and who has them open, memory, temperature, model files, packages, other "
      "installations,\n"
      "room on disks, the manager, the services, their units and ports.\n"
      "Changes nothing. Run it with sudo to see the programs of all users.\n\n"
      "Exit status: 0 no errors (perhaps warnings), 1 errors, 2 wrong command line.");
  command->add_option("--model-dir", arguments->model_dirs,
                      "Model directory to examine, instead of the manager's");
  command->add_option("--group-id", arguments->group_id,
                      "The manager's HailoRT group id, instead of its configuration's");
  command->add_option("--root", arguments->root,
                      "Examine the machine whose /sys, /proc, /dev and /etc are below this folder "
                      "[HAILO_DOCTOR_ROOT]");
  arguments->probe.add_to(*command);
  command->callback([&context, arguments] { context.exit_code = doctor(context, *arguments); });
}

}  // namespace npu::cli
