// A configuration file of the Python project, as keys and values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli::migrate {

struct OldKey {
  std::string name;  // dotted, "server.port"; of an environment file the variable's
  std::vector<std::string> values;
  bool is_list = false;
};

// YAML or JSON. kMalformed: it is none, or more than such a file can be (8 levels, 500 keys).
Result<std::vector<OldKey>> parse_old_yaml(const std::string& text);
// Of systemd: NAME=value lines. Lines that are none are left out.
std::vector<OldKey> parse_old_environment(std::string_view text);

// nullptr where it is not there.
const OldKey* find_key(const std::vector<OldKey>& keys, std::string_view name);

}  // namespace npu::cli::migrate
