#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace {

int unload(const Context& context, const ModelArguments& arguments) {
  const auto model = arguments.resolve();
  if (!model) return context.report(model.error());
  const auto reply = context.client().unload_model(*model);
  if (!reply) return context.report(reply.error());
  if (context.json) {
    print_json(*reply);
  } else {
    fmt::print("{}: {}\n", text_at(*reply, "message"), model->path);
  }
  return kOk;
}

}  // namespace

void add_unload(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<ModelArguments>();
  auto* command = app.add_subcommand("unload", "Take a model off the device");
  arguments->add_to(*command);
  command->callback([&context, arguments] { context.exit_code = unload(context, *arguments); });
}

}  // namespace npu::cli
