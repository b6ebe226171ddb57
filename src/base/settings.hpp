// Typed configuration of a program: defaults, then a YAML file, then the environment, then flags.
//
//   Settings settings("hailo-depth", "Depth estimation over HTTP.");
//   settings.config_file({"/etc/hailo/hailo-depth.yaml"}, "HAILO_DEPTH_CONFIG");
//   settings.add("server.port", config.port, {.env = "HAILO_DEPTH_PORT", .flag = "--port",
//                .help = "TCP port to listen on; 0 takes any free one", .min = 0, .max = 65535});
//   if (auto exit_code = settings.load(argc, argv)) return *exit_code;
//
// Every program gets --help, --version, --config FILE, --print-config (the result, as a YAML file),
// --sample-config (a file of all keys, commented out), --describe-config (where each value is from,
// for programs) and --check-config (exit 0 if the configuration is right, else 1 and what is
// wrong). Targets must outlive load(). Not thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <npu/result.hpp>

namespace npu {

struct SettingOptions {
  std::string env{};   // environment variable, "" for none
  std::string flag{};  // command-line flag, "" for none
  std::string help{};
  double min = -std::numeric_limits<double>::infinity();  // numbers only, inclusive
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices{};                 // strings only, empty for any
  std::function<Status(const std::string&)> check{};  // further check of the text, if any
  // An empty variable is a value. Else it is as one that is not set, where any text is a value.
  bool empty_counts = false;
};

class Settings {
 public:
  // Lists are given as a YAML sequence, or as text separated by ':' in environment and flags.
  using Target =
      std::variant<bool*, int*, std::uint64_t*, double*, std::string*, std::vector<std::string>*>;

  Settings(std::string program, std::string description);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  const std::string& program() const;
  // The environment variable of that name that belongs to the program: HAILO_DEPTH_PORT for
  // hailo-depth and PORT.
  std::string variable(std::string_view name) const;

  // Where the file is unless --config or the environment variable names another one. A default
  // file may be absent; a named one must be there. Of several defaults the first that exists
  // counts.
  void config_file(std::vector<std::string> default_paths, std::string env);

  // key: dotted path in the YAML file, unique. The target's present value is the default. It is
  // printed with the others of its section.
  template <class T>
  void add(std::string key, T& target, SettingOptions options) {
    add_target(std::move(key), Target(&target), std::move(options));
  }
  // A key that files may contain and that has no effect (any more); why is reported if it is set.
  void ignore(std::string key, std::string why);

  // Reads everything. Empty: go on. A number: the process ends with it (help and the like were
  // printed to stdout, mistakes to stderr; 1 for a wrong value, 2 for a wrong flag). Unknown keys
  // of the file and wrong values in the environment are warned of on stderr and have no effect, and
  // are mistakes under --check-config.
  std::optional<int> load(int argc, const char* const* argv);

 private:
  class Impl;
  void add_target(std::string key, Target target, SettingOptions options);
  std::unique_ptr<Impl> impl_;
};

}  // namespace npu
