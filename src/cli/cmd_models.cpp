#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/model_store.hpp"
#include "cli/status_text.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

int models(const Context& context, BlockingDeviceClient& client) {
  const auto status = client.status();
  if (!status) return context.report(status.error());
  if (context.json) {
    const auto* list = status->json.if_contains("loaded_models");
    print_json(list != nullptr ? *list : boost::json::value(boost::json::array{}));
  } else {
    fmt::print("{}", describe_models(*status, unix_seconds(SystemClock().wall())));
  }
  return kOk;
}

boost::json::object json_of(const ModelStore& store, const store::CatalogueEntry& entry) {
  boost::json::object files;
  for (const auto& [device, file] : entry.files) {
    const std::string place = store.installed(file);
    files[device] = {
        {"path", file.path},
        {"url", file.url},
        {"size", file.size},
        {"sha256", file.sha256},
        {"licence", file.licence},
        {"hailort", file.hailort},
        {"package", file.package},
        {"tried", file.tried},
        {"installed", place.empty() ? boost::json::value() : boost::json::value(place)}};
  }
  return {{"name", entry.name},
          {"family", entry.family},
          {"licence", entry.licence},
          {"source", entry.source},
          {"files", std::move(files)}};
}

std::vector<std::string> row_of(const ModelStore& store, const store::CatalogueEntry& entry) {
  std::string installed;
  for (const auto& [device, file] : entry.files) {
    const std::string place = store.installed(file);
    if (!place.empty()) installed += (installed.empty() ? "" : ", ") + place;
  }
  return {entry.name, entry.family, devices_of(entry), entry.licence,
          installed.empty() ? "-" : installed};
}

int available(const Context& context, ModelStore& store) {
  std::vector<std::vector<std::string>> rows{{"NAME", "TYPE", "FOR", "LICENCE", "INSTALLED"}};
  boost::json::array list;
  for (const auto& entry : store.catalogue().entries()) {
    if (context.json) {
      list.push_back(json_of(store, entry));
    } else {
      rows.push_back(row_of(store, entry));
    }
  }
  if (context.json) {
    print_json(list);
  } else {
    fmt::print("{}", table(std::move(rows)));
  }
  return store.catalogue().entries().empty() ? kFailed : kOk;
}

}  // namespace

void add_models(CLI::App& app, Context& context) {
  struct Arguments {
    bool available = false;
    ModelStore store;
  };
  const auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("models", "List the models on the device, or those that have a name");
  command->footer(
      "Examples:  hailoctl models               what is loaded\n"
      "           hailoctl models --available   what the catalogue has; hailoctl pull fetches it\n"
      "           hailoctl models check FILE    what a file of your own is taken for");
  command->add_flag("--available", arguments->available,
                    "List the models of the catalogue; needs no manager");
  arguments->store.add_to(*command);
  const auto* check = add_models_check(*command, context, arguments->store);
  command->callback([&context, arguments, check] {
    if (check->parsed()) return;
    context.exit_code =
        arguments->available
            ? available(context, arguments->store)
            : context.with_client([&](auto& client) { return models(context, client); });
  });
}

}  // namespace npu::cli
