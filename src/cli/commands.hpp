// The subcommands. Each function adds one to the program; running it sets Context::exit_code.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <npu/client_types.hpp>

#include "cli/context.hpp"
#include "cli/model_store.hpp"

namespace npu::cli {

void add_ping(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_models(CLI::App& app, Context& context);
void add_load(CLI::App& app, Context& context);
void add_unload(CLI::App& app, Context& context);
void add_infer(CLI::App& app, Context& context);
void add_top(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_pictures(CLI::App& app, Context& context);  // detect, ocr, faces, ...
void add_pull(CLI::App& app, Context& context);
void add_rm(CLI::App& app, Context& context);
void add_selftest(CLI::App& app, Context& context);
void add_services(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_expose(CLI::App& app, Context& context);
void add_migrate(CLI::App& app, Context& context);

// `check` of `models`, which outlives it with the store.
CLI::App* add_models_check(CLI::App& models, Context& context, ModelStore& store);

// The manager's reply to a request about a model, as JSON or as a line. Returns the exit code.
template <class Reply>
int print_reply(const Context& context, const Result<Reply>& reply, const ModelRef& model) {
  if (!reply) return context.report(reply.error());
  if (context.json) {
    print_json(reply->json);
  } else {
    fmt::print("{}: {}\n", reply->message, model.path);
  }
  return kOk;
}

// MODEL, --type and --params of a subcommand that is about a model.
struct ModelArguments {
  std::string path;
  std::string type = "depth";
  std::string params;  // JSON

  void add_to(CLI::App& command);
  // Relative paths are made absolute.
  ModelRef resolve() const;
};

// For CLI::Option::check: the error of the function that reads the option's text.
template <class Parse>
std::function<std::string(const std::string&)> readable_by(Parse parse) {
  return [parse](const std::string& text) {
    const auto read = parse(text);
    return read ? std::string() : read.error().message;
  };
}

}  // namespace npu::cli
