// Settings as text: what --print-config, --sample-config and --describe-config show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/settings.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the library's own
namespace CLI {
class Option;
}

namespace npu {

// One that was added to Settings.
struct Setting {
  std::string key;
  Settings::Target target;
  SettingOptions how;
  std::string flag_text{};
  CLI::Option* flag = nullptr;
  std::string unset{};           // the default, as shown()
  std::string from = "default";  // what set it: default, file, environment or flag
  std::string where{};           // the file's path, the variable or the flag
};

// "the kind", "the kind of at least min" or "the kind in min..max".
std::string range_text(const SettingOptions& how, std::string_view kind);

// The value as YAML on one line.
std::string shown(const Settings::Target& target);

// All keys with their values, as YAML that can be used as a file.
std::string printed(const std::vector<Setting>& settings);

// All keys with their values, each under what it means and behind a #, in sections that are YAML
// as they stand. Lines of at most 100 characters, but for long values.
std::string sample(const std::vector<Setting>& settings);

// A YAML sequence for programs, a mapping each: key, value, default, from, where, env, flag, right
// (what it may be) and help.
std::string described(const std::vector<Setting>& settings);

}  // namespace npu
