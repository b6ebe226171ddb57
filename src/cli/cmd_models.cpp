#include <fmt/format.h>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/status_text.hpp"

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

}  // namespace

void add_models(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("models", "List the models on the device");
  command->callback([&context] {
    context.exit_code = context.with_client([&](auto& client) { return models(context, client); });
  });
}

}  // namespace npu::cli
