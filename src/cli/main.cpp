// hailoctl: talks to hailo-device-manager from the command line.
#include <cstdio>
#include <exception>

#include "base/version.hpp"
#include "cli/commands.hpp"

namespace {

int run(int argc, char** argv) {
  npu::cli::Context context;
  CLI::App app("Control and examine hailo-device-manager.", "hailoctl");
  app.set_version_flag("--version", "hailoctl " + npu::version());
  app.footer(
      "Begin with  hailoctl doctor . It says what is wrong and what to do about it;\n"
      "hailoctl COMMAND --help  tells what a command takes.\n\n"
      "Exit status: 0 success, 1 refused, 2 wrong command line, 3 no manager or no right to use "
      "it,\n"
      "4 out of time.");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--socket", context.socket,
                 "The manager's socket [HAILO_DEVICE_SOCKET, /run/hailo/device.sock]");
  app.add_option("--timeout", context.timeout, "Seconds to wait for an answer")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print JSON");
  npu::cli::add_ping(app, context);
  npu::cli::add_status(app, context);
  npu::cli::add_models(app, context);
  npu::cli::add_load(app, context);
  npu::cli::add_unload(app, context);
  npu::cli::add_infer(app, context);
  npu::cli::add_pictures(app, context);
  npu::cli::add_top(app, context);
  npu::cli::add_bench(app, context);
  npu::cli::add_doctor(app, context);
  npu::cli::add_inspect(app, context);
  npu::cli::add_pull(app, context);
  npu::cli::add_rm(app, context);
  npu::cli::add_selftest(app, context);
  npu::cli::add_services(app, context);
  npu::cli::add_verify(app, context);
  npu::cli::add_config(app, context);
  npu::cli::add_report(app, context);
  npu::cli::add_expose(app, context);
  npu::cli::add_migrate(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? npu::cli::kOk : npu::cli::kUsage;
  }
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  int code = npu::cli::kFailed;
  try {
    code = run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hailoctl: %s\n", error.what());
  }
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fputs("hailoctl: the output could not be written\n", stderr);
  return code == npu::cli::kOk ? npu::cli::kFailed : code;
}
