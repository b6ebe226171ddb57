#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/infer_files.hpp"
#include "cli/text.hpp"
#include "media/colormap.hpp"

namespace npu::cli {
namespace {

struct InferArguments {
  ModelArguments model;
  InputArguments input;
  std::string size;
  std::string output;
  std::string colormap = "viridis";
  std::string priority;
};

void print(const InferResult& result) {
  if (const auto text = result.text()) {
    fmt::print("{}\n", *text);
  } else if (const auto tensor = result.tensor()) {
    fmt::print("{}\n", summary(*tensor));
  } else {
    fmt::print("{}\n", boost::json::serialize(summarised(result)));
  }
}

CallOptions options_of(const InferArguments& arguments) {
  CallOptions options;
  if (arguments.priority == "realtime") options.priority = Priority::kRealtime;
  if (arguments.priority == "interactive") options.priority = Priority::kInteractive;
  if (arguments.priority == "batch") options.priority = Priority::kBatch;
  return options;
}

int infer(const Context& context, InferArguments arguments, BlockingDeviceClient& client) {
  const ModelRef model = arguments.model.resolve();
  if (!arguments.size.empty()) arguments.input.size = *parse_size(arguments.size);
  const auto input = make_input(client, model.type, arguments.input);
  if (!input) return context.report(input.error());
  const auto result = client.infer(model, *input, options_of(arguments));
  if (!result) return context.report(result.error());
  if (!arguments.output.empty()) {
    if (auto written = write_result(*result, arguments.output, arguments.colormap); !written) {
      return context.report(written.error());
    }
  }
  if (context.json) {
    print_json({{"result", summarised(*result)}, {"inference_time_ms", result->inference_time_ms}});
  } else {
    print(*result);
    fmt::print(stderr, "{} ms on the device\n", result->inference_time_ms);
    if (const auto generation = result->generation()) {
      fmt::print(stderr, "{} tokens after {} of the prompt, the first at {} ms, ended by {}\n",
                 generation->tokens, generation->prompt_tokens,
                 generation->first_token.value_or(generation->total).count(),
                 generation->stop_reason);
    }
  }
  return kOk;
}

}  // namespace

void add_infer(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<InferArguments>();
  auto* command = app.add_subcommand("infer", "Run a model on a picture or an array");
  arguments->model.add_to(*command);
  command->add_option("input", arguments->input.file,
                      "Picture, or .npy file that is sent as it is");
  command->add_option("--output,-o", arguments->output, "Write the result: .npy, .png or .json")
      ->check(readable_by(output_format));
  command->add_option("--size", arguments->size, "WIDTHxHEIGHT that a picture is stretched to")
      ->check(readable_by(parse_size));
  command->add_option("--input-name", arguments->input.name, "Field of input_data for the input");
  command->add_option("--field", arguments->input.fields, "Further field of input_data: NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(readable_by(parse_field));
  command->add_option("--priority", arguments->priority, "realtime, interactive or batch")
      ->check(CLI::IsMember({"realtime", "interactive", "batch"}));
  command->add_option("--colormap", arguments->colormap, "Of .png output")
      ->check(CLI::IsMember(
          std::vector<std::string>(media::kColormapNames.begin(), media::kColormapNames.end())))
      ->capture_default_str();
  command->callback([&context, arguments] {
    context.exit_code =
        context.with_client([&](auto& client) { return infer(context, *arguments, client); });
  });
}

}  // namespace npu::cli
