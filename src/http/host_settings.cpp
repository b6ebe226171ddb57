#include <algorithm>

#include "base/log.hpp"
#include "base/settings.hpp"
#include "http/service_host.hpp"

namespace npu::http {
namespace {

Status check_level(const std::string& text) {
  if (const auto level = log::parse_level(text); !level) return fail(level.error());
  return {};
}

class HostSettings {
 public:
  explicit HostSettings(Settings& settings) : settings_(settings) {}

  // server.<name>, --<name>, <PROGRAM>_<NAME>
  template <class T>
  void add(const std::string& name, T& target, SettingOptions how) {
    how.env = settings_.variable(name);
    how.flag = "--" + name;
    std::ranges::replace(how.flag, '_', '-');
    settings_.add("server." + name, target, std::move(how));
  }

  void add_milliseconds(const std::string& name, int& target, std::string help, int min = 1) {
    add(name, target,
        {.help = std::move(help), .min = static_cast<double>(min), .max = 86'400'000});
  }

 private:
  Settings& settings_;
};

void add_limits(HostSettings& server, HostConfig& config) {
  server.add(
      "max_connections", config.max_connections,
      {.help = "Requests at a time; beyond it 503, and idle connections are closed for new ones",
       .min = 1,
       .max = 65536});
  server.add_milliseconds("slow_after_ms", config.slow_after_ms,
                          "Where no place is left, a transfer that takes so long gives way");
  server.add("max_header_kb", config.max_header_kb,
             {.help = "Largest head of a request in KiB, then 431", .min = 1, .max = 1024});
  server.add("max_upload_mb", config.max_upload_mb,
             {.help = "Bodies of all requests that may be held at once, in MiB, in memory and on "
                      "disk; then 503",
              .min = 1,
              .max = 1 << 20});
  server.add("max_body_memory_mb", config.max_body_memory_mb,
             {.help = "Of these in memory, in MiB; what is beyond it goes to disk",
              .min = 1,
              .max = 1 << 20});
  server.add("spool_over_kb", config.spool_over_kb,
             {.help = "Bodies larger than so many KiB go to disk as they arrive",
              .min = 0,
              .max = 1 << 20});
  server.add("spool_dir", config.spool_dir,
             {.help = "Folder for bodies on disk, in files without names; empty: the service's "
                      "state folder where systemd gives it one, else /var/tmp"});
  server.add("max_unsent_mb", config.max_unsent_mb,
             {.help = "Large answers that may wait for their readers at once, in MiB, then 503",
              .min = 1,
              .max = 1 << 20});
  server.add_milliseconds("header_timeout_ms", config.header_timeout_ms,
                          "Longest time for the head of a request, then 408");
  server.add_milliseconds("idle_timeout_ms", config.idle_timeout_ms,
                          "How long a connection is kept for a next request");
  server.add_milliseconds("stall_timeout_ms", config.stall_timeout_ms,
                          "Longest pause in an upload, then 408, and in reading an answer");
  server.add("min_transfer_rate", config.min_transfer_rate,
             {.help = "Bytes a second that an upload and the reader of an answer must keep up; 0: "
                      "not to pause is enough",
              .min = 0,
              .max = 1 << 30});
  server.add_milliseconds("request_timeout_ms", config.request_timeout_ms,
                          "Longest time for one request after its upload, then 504; of a stream, "
                          "until its first piece");
  server.add_milliseconds("stream_idle_timeout_ms", config.stream_idle_timeout_ms,
                          "Longest pause between two pieces of a stream, which then ends");
  server.add_milliseconds("shutdown_grace_ms", config.shutdown_grace_ms,
                          "Time for requests in flight after SIGTERM", 0);
}

}  // namespace

void add_host_settings(Settings& settings, HostConfig& config) {
  HostSettings server(settings);
  server.add("host", config.host,
             {.help = "Where to listen: an address, a name, several of these with commas, or * for "
                      "all addresses; empty: this machine only, 127.0.0.1"});
  server.add("port", config.port,
             {.help = "TCP port to listen on; 0 takes any free one", .min = 0, .max = 65535});
  server.add("port_file", config.port_file,
             {.help = "Write the port to this file once connections are accepted"});
  settings.add("server.api_keys", config.api_keys,
               {.env = settings.variable("API_KEYS"),
                .help = "If any, requests must carry one as a bearer key"});
  settings.add("server.cors_origins", config.cors_origins,
               {.help = "Origins whose web pages may use the service, https://portal.local, or *"});
  add_limits(server, config);
  server.add("threads", config.threads,
             {.help = "Threads that decode and encode; 0: one a core", .min = 0, .max = 256});
  server.add("max_waiting", config.max_waiting,
             {.help = "Jobs that may wait for these threads, half of them of one client; over it "
                      "503",
              .min = 1,
              .max = 100'000});
  settings.add("log.level", config.log_level,
               {.env = settings.variable("LOG_LEVEL"),
                .flag = "--log-level",
                .help = "debug, info, warning or error",
                .check = check_level});
}

}  // namespace npu::http
