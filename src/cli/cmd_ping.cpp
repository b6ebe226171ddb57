#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

int ping(const Context& context, BlockingDeviceClient& client) {
  const auto server = client.connect();
  if (!server) return context.report(server.error());
  const auto start = std::chrono::steady_clock::now();
  const auto pong = client.ping();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!pong) return context.report(pong.error());
  const std::string name = server->server.empty() ? "protocol version 1" : server->server;
  if (context.json) {
    print_json(
        {{"server", name}, {"socket", context.socket_path()}, {"round_trip_ms", took.count()}});
  } else {
    fmt::print("{} at {} answered in {}\n", name, context.socket_path(),
               milliseconds(took.count()));
  }
  return kOk;
}

}  // namespace

void add_ping(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("ping", "Ask whether the manager answers, and how fast");
  command->callback([&context] {
    context.exit_code = context.with_client([&](auto& client) { return ping(context, client); });
  });
}

}  // namespace npu::cli
