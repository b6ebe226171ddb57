// The configuration of an installed program as it counts: what the program itself says of it, when
// it is started as systemd starts it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "cli/services/service_table.hpp"
#include "cli/services/systemd.hpp"

namespace npu::cli {

struct ConfigKey {
  std::string key;            // "server.port"
  std::string value;          // a text as it is; a list as YAML on a line
  std::string default_value;  // as YAML
  std::string from;           // "default", "file", "environment" or "flag"
  std::string where;          // the file's path, the variable or the flag
  std::string env;
  std::string flag;
  std::string right;  // what it may be, where not anything of its type
  std::string help;
};

struct ProgramConfig {
  std::vector<ConfigKey> keys;
  std::string warnings;  // lines

  const ConfigKey* find(std::string_view key) const;
  std::string value(std::string_view key) const;  // "" where there is no such key
  std::vector<std::string> list(std::string_view key) const;
};

// How the program is started: by its unit, else by its name from PATH. The last words of the
// command are `more`. Of a unit that starts another program: kUnsupported.
Result<std::vector<std::string>> command_of(const KnownService& service, const UnitState* unit,
                                            const std::vector<std::string>& more);

// kNotFound: the program is not installed; kInvalidArgument: its configuration is wrong, in its
// words.
Result<ProgramConfig> program_config(const KnownService& service, const UnitState* unit);

// What `--describe-config` printed. kMalformed: something else.
Result<ProgramConfig> parse_description(const std::string& yaml);

// Its `--check-config`: what is wrong, in its words; "" where nothing is.
Result<std::string> check_program_config(const KnownService& service, const UnitState* unit);
// The same of a file, whatever the unit says.
Result<std::string> check_config_file(const KnownService& service, const std::string& file);

// Whether PATH has it.
bool is_program_installed(const KnownService& service);

}  // namespace npu::cli
