#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace {

int status(const Context& context, BlockingDeviceClient& client) {
  const auto manager = client.status();
  if (!manager) return context.report(manager.error());
  const auto device = client.device_status();
  if (context.json) {
    boost::json::object both{{"manager", manager->json}, {"device", nullptr}};
    if (device) both["device"] = device->json;
    print_json(both);
  } else {
    fmt::print("{}", describe_status(*manager, device ? &*device : nullptr));
    if (!device) fmt::print("{}\n", device.error().message);
  }
  return kOk;
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("status", "Show the device, the queue and the manager's troubles");
  command->callback([&context] {
    context.exit_code = context.with_client([&](auto& client) { return status(context, client); });
  });
}

}  // namespace npu::cli
