#include <memory>

#include "cli/commands.hpp"

namespace npu::cli {
namespace {

int unload(const Context& context, const ModelArguments& arguments, BlockingDeviceClient& client) {
  const ModelRef model = arguments.resolve();
  const auto reply = client.unload_model(model);
  if (!reply && reply.error().code == ErrorCode::kPermission) {
    return context.report(reply.error(), "As an administrator:  sudo hailoctl unload MODEL ...");
  }
  return print_reply(context, reply, model);
}

}  // namespace

void add_unload(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<ModelArguments>();
  auto* command = app.add_subcommand("unload", "Take a model off the device");
  arguments->add_to(*command);
  command->callback([&context, arguments] {
    context.exit_code =
        context.with_client([&](auto& client) { return unload(context, *arguments, client); });
  });
}

}  // namespace npu::cli
