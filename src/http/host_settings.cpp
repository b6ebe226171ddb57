#include <algorithm>

#include "base/log.hpp"
#include "base/settings.hpp"
#include "http/service_host.hpp"

namespace npu::http {
namespace {

// HAILO_DEPTH_PORT for hailo-depth and PORT
std::string variable(const std::string& program, std::string_view name) {
  std::string out = program + "_";
  out += name;
  std::ranges::transform(out, out.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

Status check_level(const std::string& text) {
  if (const auto level = log::parse_level(text); !level) return fail(level.error());
  return {};
}

}  // namespace

void add_host_settings(Settings& settings, HostConfig& config) {
  const auto env = [&](std::string_view name) { return variable(config.name, name); };
  settings.add(
      "server.host", config.host,
      {.env = env("HOST"), .flag = "--host", .help = "Address to listen on; 0.0.0.0 for all"});
  settings.add("server.port", config.port,
               {.env = env("PORT"),
                .flag = "--port",
                .help = "TCP port to listen on; 0 takes any free one",
                .min = 0,
                .max = 65535});
  settings.add("server.port_file", config.port_file,
               {.env = env("PORT_FILE"),
                .flag = "--port-file",
                .help = "Write the port to this file once connections are accepted"});
  settings.add("server.api_keys", config.api_keys,
               {.env = env("API_KEYS"), .help = "If any, requests must carry one as a bearer key"});
  settings.add("server.max_connections", config.max_connections,
               {.help = "Open connections; over it idle ones are closed", .min = 1, .max = 65536});
  settings.add("server.request_timeout_ms", config.request_timeout_ms,
               {.env = env("REQUEST_TIMEOUT_MS"),
                .flag = "--request-timeout-ms",
                .help = "Longest time for one request, then 504",
                .min = 1,
                .max = 86'400'000});
  settings.add("server.shutdown_grace_ms", config.shutdown_grace_ms,
               {.help = "Time for requests in flight after SIGTERM", .min = 0, .max = 600'000});
  settings.add("server.threads", config.threads,
               {.env = env("THREADS"),
                .flag = "--threads",
                .help = "Threads that decode and encode; 0: one a core",
                .min = 0,
                .max = 256});
  settings.add(
      "server.max_waiting", config.max_waiting,
      {.help = "Jobs that may wait for these threads; over it 503", .min = 1, .max = 100'000});
  settings.add("log.level", config.log_level,
               {.env = env("LOG_LEVEL"),
                .flag = "--log-level",
                .help = "debug, info, warning or error",
                .check = check_level});
}

}  // namespace npu::http
