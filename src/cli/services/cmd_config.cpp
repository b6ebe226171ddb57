#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/services/at_once.hpp"
#include "cli/services/config_text.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

struct ConfigArguments {
  std::vector<std::string> names;
  bool all = false;
  std::string dir;
};

// Those that are installed; an error where none of those that were named is.
Result<std::vector<ServiceState>> installed(const std::vector<std::string>& names) {
  const auto services = find_services(names);
  if (!services) return fail(services.error());
  auto states = look_up(*services);
  std::erase_if(states, [](const auto& state) { return !state.installed(); });
  if (states.empty()) {
    return fail(ErrorCode::kNotFound,
                names.empty() ? "no service is installed" : names.front() + " is not installed");
  }
  return states;
}

void print_problems(const std::vector<ServiceState>& states) {
  for (const auto& state : states) {
    if (state.config) continue;
    fmt::print(stderr, "{}: {}\n", state.service->name, for_terminal(state.config_error.message));
  }
}

int show(const Context& context, const ConfigArguments& arguments) {
  const auto states = installed(arguments.names);
  if (!states) return context.report(states.error(), {});
  print_problems(*states);
  const bool readable = std::ranges::all_of(*states, [](const auto& one) { return !!one.config; });
  if (context.json) {
    boost::json::array out;
    for (const auto& state : *states) {
      if (state.config) out.push_back(config_json(state, arguments.all));
    }
    print_json(out);
  } else {
    const std::string text = config_table(*states, arguments.all);
    fmt::print("{}", text.empty() ? "Every key has its default; see them:  hailoctl config show "
                                    "--all\n"
                                  : text);
  }
  return readable ? kOk : kFailed;
}

int explain(const Context& context, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  std::vector<std::string> keys;
  for (const auto& word : words) (find_service(word) ? names : keys).push_back(word);
  const auto states = installed(names);
  if (!states) return context.report(states.error(), {});
  print_problems(*states);
  const std::string text = explanation(*states, keys);
  if (text.empty()) {
    return context.report({ErrorCode::kNotFound, fmt::format("there is no key {}", keys.front())},
                          "See all of a service:  hailoctl config explain detect");
  }
  fmt::print("{}", text);
  return kOk;
}

struct Checked {
  std::string what;  // the file, or the service whose file is absent
  std::string problem;
};

Checked check_one(const KnownService& service, const UnitState* unit, const std::string& dir) {
  const std::string file =
      dir.empty() ? service.config_file()
                  : (fs::path(dir) / fs::path(service.config_file()).filename()).string();
  std::error_code failed;
  const bool there = fs::exists(file, failed);
  Checked checked{there ? file : fmt::format("{} (no file, defaults)", service.name), {}};
  if (!dir.empty() && !there) return checked;
  const auto problem =
      dir.empty() ? check_program_config(service, unit) : check_config_file(service, file);
  checked.problem = problem ? *problem : problem.error().message;
  return checked;
}

// Files of the folder that belong to none of these programs.
std::vector<Checked> strays(const std::string& dir) {
  std::vector<Checked> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(dir, failed)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".yaml" && path.extension() != ".yml") continue;
    const bool known = std::ranges::any_of(known_services(), [&](const auto& service) {
      return fs::path(service.config_file()).filename() == path.filename();
    });
    if (!known) found.push_back({path.string(), "no program reads it"});
  }
  std::ranges::sort(found, {}, &Checked::what);
  return found;
}

int report_checked(const Context& context, const std::vector<Checked>& all) {
  boost::json::array out;
  bool good = true;
  for (const auto& one : all) {
    good = good && one.problem.empty();
    out.push_back(boost::json::object{{"what", one.what}, {"problem", one.problem}});
    if (context.json) continue;
    fmt::print("{:<6} {}\n", one.problem.empty() ? "ok" : "wrong", for_terminal(one.what));
    std::istringstream lines(one.problem);
    for (std::string line; std::getline(lines, line);) {
      fmt::print("       {}\n", for_terminal(line));
    }
  }
  if (context.json) print_json(out);
  return good ? kOk : kFailed;
}

int check(const Context& context, const ConfigArguments& arguments) {
  const auto services = find_services(arguments.names);
  if (!services) return context.report(services.error(), {});
  std::vector<std::string> names(services->size());
  std::ranges::transform(*services, names.begin(), &KnownService::unit);
  const auto units = Systemd().show(names);
  std::vector<Checked> checked(services->size());
  std::vector<char> absent(services->size());
  at_once(services->size(), [&](std::size_t i) {
    const KnownService& service = *(*services)[i];
    const UnitState* unit = units ? &(*units)[i] : nullptr;
    absent[i] = unit != nullptr ? !unit->installed() : !is_program_installed(service);
    if (absent[i] == 0) checked[i] = check_one(service, unit, arguments.dir);
  });
  std::vector<Checked> all;
  for (std::size_t i = 0; i < checked.size(); ++i) {
    if (absent[i] == 0) all.push_back(std::move(checked[i]));
  }
  if (all.empty()) {
    return context.report({ErrorCode::kNotFound, "none of these services is installed"}, {});
  }
  if (arguments.names.empty()) {
    for (auto& stray : strays(arguments.dir.empty() ? kConfigDir : arguments.dir)) {
      all.push_back(std::move(stray));
    }
  }
  return report_checked(context, all);
}

}  // namespace

void add_config(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<ConfigArguments>();
  const auto words = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("config", "Show, check and explain the configuration");
  command->require_subcommand(0, 1);
  command->footer(
      "Without a subcommand what is set is shown, and by what: the file, the environment that the "
      "unit\n"
      "gives, or a flag in it. Values of keys that are secrets are not shown.\n\n"
      "Examples:  hailoctl config\n"
      "           sudo hailoctl config check\n"
      "           hailoctl config explain server.port\n"
      "           hailoctl config explain detect");
  auto* showing = command->add_subcommand("show", "Show what is set, and where");
  showing->add_option("SERVICE", arguments->names, "Name of a service, such as detect");
  showing->add_flag("--all", arguments->all, "Also keys that have their default");
  showing->callback([&context, arguments] { context.exit_code = show(context, *arguments); });
  auto* checking = command->add_subcommand("check", "Say what is wrong in the files");
  checking->add_option("SERVICE", arguments->names, "Name of a service, such as detect");
  checking->add_option("--dir", arguments->dir,
                       "Files of this folder, such as new ones, in place of /etc/hailo");
  checking->callback([&context, arguments] { context.exit_code = check(context, *arguments); });
  auto* explaining = command->add_subcommand("explain", "Say what keys mean");
  explaining->add_option("WORD", *words, "A service, a key (server.port) or a section (server)");
  explaining->callback([&context, words] { context.exit_code = explain(context, *words); });
  command->callback([&context, command, arguments] {
    if (command->get_subcommands().empty()) context.exit_code = show(context, *arguments);
  });
}

}  // namespace npu::cli
