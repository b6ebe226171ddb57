#include "cli/services/program_config.hpp"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/account_name.hpp"
#include "base/ascii.hpp"
#include "cli/child.hpp"

namespace npu::cli {
namespace {

constexpr Millis kToSay = std::chrono::seconds(10);
constexpr int kNotExecutable = 127;  // of run_child, and of env(1)
constexpr int kNoSuchFile = 126;

std::string scalar(const YAML::Node& entry, const char* name) {
  const auto field = entry[name];
  return field && field.IsScalar() ? field.Scalar() : std::string();
}

std::string value_text(const YAML::Node& value) {
  if (!value || value.IsNull()) return {};
  if (value.IsScalar()) return value.Scalar();
  YAML::Emitter out;
  out << YAML::Flow << value;
  return out.c_str();
}

Result<ChildResult> run_words(const KnownService& service, const std::vector<std::string>& words) {
  auto said = run_child(words, kToSay);
  if (!said) return said;
  if (said->exited_with(kNotExecutable) || said->exited_with(kNoSuchFile)) {
    return fail(ErrorCode::kNotFound, fmt::format("{} is not installed", service.name));
  }
  if (said->end != ChildResult::End::kExited) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} {} did not end by itself within {} s", service.name, words.back(),
                            kToSay.count() / 1000));
  }
  return said;
}

Result<ChildResult> run_program(const KnownService& service, const UnitState* unit,
                                const char* what) {
  const auto words = command_of(service, unit, {what});
  if (!words) return fail(words.error());
  return run_words(service, *words);
}

Result<std::string> verdict_of(const KnownService& service, const Result<ChildResult>& said) {
  if (!said) return fail(said.error());
  if (said->exited_with(0)) return std::string();
  std::string errors(trim(said->errors));
  if (!errors.empty()) return errors;
  return fmt::format("{} --check-config ended with status {}", service.name, said->status);
}

}  // namespace

const ConfigKey* ProgramConfig::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &ConfigKey::key);
  return found == keys.end() ? nullptr : &*found;
}

std::string ProgramConfig::value(std::string_view key) const {
  const auto* found = find(key);
  return found == nullptr ? std::string() : found->value;
}

std::vector<std::string> ProgramConfig::list(std::string_view key) const {
  try {
    const YAML::Node node = YAML::Load(value(key));
    if (!node.IsSequence()) return {};
    return node.as<std::vector<std::string>>();
  } catch (const YAML::Exception&) {
    return {};
  }
}

Result<std::vector<std::string>> command_of(const KnownService& service, const UnitState* unit,
                                            const std::vector<std::string>& more) {
  std::vector<std::string> words;
  if (unit == nullptr || unit->command.empty()) {
    words.emplace_back(service.name);
  } else {
    if (std::filesystem::path(unit->command.front()).filename() != service.name) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("its unit starts another program: {}", unit->command.front()));
    }
    // As the unit's user, who must be able to read the file.
    const auto group = ::geteuid() == 0 ? primary_group(unit->user) : std::nullopt;
    if (group) {
      words = {"setpriv",      "--reuid", unit->user, "--regid", std::to_string(*group),
               "--init-groups"};
    }
    words.insert(words.end(), {"env", "-i"});
    words.insert(words.end(), unit->environment.begin(), unit->environment.end());
    words.insert(words.end(), unit->command.begin(), unit->command.end());
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Result<ProgramConfig> parse_description(const std::string& yaml) {
  try {
    const YAML::Node all = YAML::Load(yaml);
    if (!all.IsSequence() || all.size() == 0) {
      return fail(ErrorCode::kMalformed, "it does not describe its configuration");
    }
    ProgramConfig config;
    for (const auto& entry : all) {
      if (!entry.IsMap()) return fail(ErrorCode::kMalformed, "a key has no description");
      config.keys.push_back({.key = scalar(entry, "key"),
                             .value = value_text(entry["value"]),
                             .default_value = scalar(entry, "default"),
                             .from = scalar(entry, "from"),
                             .where = scalar(entry, "where"),
                             .env = scalar(entry, "env"),
                             .flag = scalar(entry, "flag"),
                             .right = scalar(entry, "right"),
                             .help = scalar(entry, "help")});
    }
    return config;
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

Result<ProgramConfig> program_config(const KnownService& service, const UnitState* unit) {
  const auto said = run_program(service, unit, "--describe-config");
  if (!said) return fail(said.error());
  const std::string errors(trim(said->errors));
  if (!said->exited_with(0)) return fail(ErrorCode::kInvalidArgument, errors);
  auto config = parse_description(said->output);
  if (config) config->warnings = errors;
  return config;
}

Result<std::string> check_program_config(const KnownService& service, const UnitState* unit) {
  return verdict_of(service, run_program(service, unit, "--check-config"));
}

Result<std::string> check_config_file(const KnownService& service, const std::string& file) {
  return verdict_of(
      service, run_words(service, {std::string(service.name), "--config", file, "--check-config"}));
}

bool is_program_installed(const KnownService& service) {
  const auto said = run_child({std::string(service.name), "--version"}, kToSay);
  return said && !said->exited_with(kNotExecutable);
}

}  // namespace npu::cli
