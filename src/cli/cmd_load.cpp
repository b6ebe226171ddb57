#include <memory>
#include <optional>

#include "cli/commands.hpp"

namespace npu::cli {
namespace {

struct LoadArguments {
  ModelArguments model;
  std::optional<double> keep_alive;
  bool pin = false;
  bool unpin = false;
};

int load(const Context& context, const LoadArguments& arguments, BlockingDeviceClient& client) {
  const ModelRef model = arguments.model.resolve();
  CallOptions options;
  options.keep_alive = arguments.keep_alive;
  if (arguments.pin || arguments.unpin) options.pin = arguments.pin;
  return print_reply(context, client.load_model(model, options), model);
}

}  // namespace

void add_load(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<LoadArguments>();
  auto* command = app.add_subcommand("load", "Load a model onto the device");
  arguments->model.add_to(*command);
  command->add_option("--keep-alive", arguments->keep_alive,
                      "Seconds to stay after the last use; negative: for ever");
  auto* pin = command->add_flag("--pin", arguments->pin,
                                "Never evict it; what others than administrators pin so is let go "
                                "when this command ends");
  command->add_flag("--unpin", arguments->unpin, "Allow eviction again")->excludes(pin);
  command->callback([&context, arguments] {
    context.exit_code =
        context.with_client([&](auto& client) { return load(context, *arguments, client); });
  });
}

}  // namespace npu::cli
