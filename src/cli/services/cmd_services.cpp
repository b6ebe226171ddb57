#include <algorithm>
#include <memory>

#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/services/services_text.hpp"

namespace npu::cli {
namespace {

constexpr Millis kToBeReady = std::chrono::seconds(2);

int list(const Context& context, const std::vector<std::string>& names) {
  const auto services = find_services(names);
  if (!services) return context.report(services.error(), {});
  auto states = look_up(*services);
  ask_ready(states, std::min(kToBeReady, context.client_options().timeout));
  if (context.json) {
    boost::json::array all;
    for (const auto& state : states) all.push_back(services_json(state));
    print_json(all);
  } else {
    fmt::print("{}", services_text(states));
  }
  return kOk;
}

struct Change {
  const char* name;
  const char* help;
  std::vector<std::string> words;  // of systemctl
  const char* done;
};

const std::vector<Change>& changes() {
  static const std::vector<Change> all{
      {"enable", "Start services now and at each boot", {"enable", "--now"}, "enabled"},
      {"disable", "Stop services and start them at boot no more", {"disable", "--now"}, "disabled"},
      {"start", "Start services", {"start"}, "started"},
      {"stop", "Stop services until the next boot", {"stop"}, "stopped"},
      {"restart",
       "Start services again, as after a change of their configuration",
       {"restart"},
       "started again"}};
  return all;
}

std::string advice_on_change(const Error& error, const Change& change,
                             const std::vector<std::string>& names) {
  if (error.code == ErrorCode::kPermission) {
    std::string words;
    for (const auto& name : names) words += " " + name;
    return fmt::format("Only root may do that:  sudo hailoctl services {}{}", change.name, words);
  }
  return "See all:  hailoctl services";
}

int apply(const Context& context, const Change& change, const std::vector<std::string>& names) {
  const auto services = find_services(names);
  if (!services) return context.report(services.error(), {});
  std::vector<std::string> units;
  for (const auto* service : *services) units.push_back(service->unit());
  const auto states = Systemd().show(units);
  if (!states) return context.report(states.error(), {});
  for (std::size_t i = 0; i < units.size(); ++i) {
    if ((*states)[i].installed()) continue;
    return context.report({ErrorCode::kNotFound, units[i] + " is not installed"},
                          fmt::format("Install it:  sudo apt install {}", (*services)[i]->name));
  }
  auto words = change.words;
  words.insert(words.end(), units.begin(), units.end());
  if (const auto told = Systemd().tell(words); !told) {
    return context.report(told.error(), advice_on_change(told.error(), change, names));
  }
  boost::json::array all;
  for (const auto* service : *services) {
    all.push_back(boost::json::value(service->name));
    if (!context.json) fmt::print("{}: {}\n", service->name, change.done);
  }
  if (context.json) print_json(boost::json::object{{change.done, std::move(all)}});
  return kOk;
}

}  // namespace

void add_services(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("services", "See, enable, start and stop the services");
  command->footer(
      "Without a subcommand all are listed: whether they run, start at boot and are ready, where "
      "they\n"
      "listen, what memory they take. A port that another program holds is named, with the setting "
      "that\nmoves the service.\n\n"
      "Examples:  hailoctl services\n"
      "           sudo hailoctl services disable pose segment\n"
      "           sudo hailoctl services restart detect");
  const auto shown = std::make_shared<std::vector<std::string>>();
  command->require_subcommand(0, 1);
  auto* listing = command->add_subcommand("list", "List services, all by default");
  listing->add_option("SERVICE", *shown, "Name of a service, such as detect");
  for (const auto& change : changes()) {
    const auto names = std::make_shared<std::vector<std::string>>();
    auto* one = command->add_subcommand(change.name, change.help);
    one->add_option("SERVICE", *names, "Name of a service, such as detect")->required();
    one->callback(
        [&context, &change, names] { context.exit_code = apply(context, change, *names); });
  }
  listing->callback([&context, shown] { context.exit_code = list(context, *shown); });
  command->callback([&context, command] {
    if (command->get_subcommands().empty()) context.exit_code = list(context, {});
  });
}

}  // namespace npu::cli
