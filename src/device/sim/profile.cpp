#include "device/sim/profile.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "device/sim/profile_model.hpp"
#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr std::size_t kMaxProfileBytes = 1 << 20;

ModelKind kind_of_default(const YAML::Node& key) {
  const auto name = to_text(key, "a key of defaults");
  if (const auto kind = model_kind_from_name(name)) return *kind;
  yaml_fail(key, fmt::format("defaults are for tensor, text or speech, not '{}'", name));
}

void add_model(Profile& profile, const YAML::Node& key, std::string name,
               const ModelProfile& model) {
  if (!profile.models.emplace(std::move(name), model).second) {
    yaml_fail(key, "a model of this name is there already");
  }
}

void read_models(Profile& profile, const YAML::Node& models) {
  if (!models.IsMap()) yaml_fail(models, "models must be a mapping");
  for (const auto& item : models) {
    const std::string name = to_text(item.first, "a model's name");
    YamlReader reader(item.second, "model " + name);
    const ModelProfile model = read_model(reader, std::nullopt);
    const auto aliases = reader.get("aliases");
    if (aliases.IsDefined() && !aliases.IsSequence()) {
      yaml_fail(aliases, "aliases must be a list of names");
    }
    reader.finish();
    add_model(profile, item.first, name, model);
    for (const auto& alias : aliases) add_model(profile, alias, to_text(alias, "an alias"), model);
  }
}

void read_defaults(Profile& profile, const YAML::Node& defaults) {
  if (!defaults.IsMap()) yaml_fail(defaults, "defaults must be a mapping");
  for (const auto& item : defaults) {
    const ModelKind kind = kind_of_default(item.first);
    YamlReader reader(item.second, fmt::format("the default {} model", name_of(kind)));
    profile.defaults[kind] = read_model(reader, kind);
    reader.finish();
  }
}

Profile read_profile(const YAML::Node& root, std::string_view name) {
  Profile profile;
  YamlReader reader(root, "the profile");
  profile.name = reader.text("name", std::string(name));
  profile.architecture = reader.text("architecture", "SIM");
  profile.firmware = reader.text("firmware", "0.0.0");
  profile.memory_bytes =
      static_cast<std::uint64_t>(reader.number("memory_mb", 0, 0, kMaxMegabytes) * 1e6);
  profile.group_release = reader.flag("group_release", false);
  if (const auto degrees = reader.get("temperature_celsius"); degrees.IsDefined()) {
    profile.temperature_celsius = to_number(degrees, "temperature_celsius", -100, 200);
  }
  if (const auto models = reader.get("models"); models.IsDefined()) read_models(profile, models);
  if (const auto defaults = reader.get("defaults"); defaults.IsDefined())
    read_defaults(profile, defaults);
  profile.faults = read_fault_list(reader.get("faults"));
  reader.finish();
  return profile;
}

}  // namespace

std::string_view name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::kTensor: return "tensor";
    case ModelKind::kText: return "text";
    case ModelKind::kSpeech: return "speech";
  }
  return "tensor";
}

const ModelProfile* Profile::find(std::string_view stem, ModelKind kind) const {
  if (const auto found = models.find(stem); found != models.end()) return &found->second;
  if (const auto found = defaults.find(kind); found != defaults.end()) return &found->second;
  return nullptr;
}

Duration run_time(const ModelProfile& model, int batch) {
  const auto above = model.run.lower_bound(batch);
  if (above != model.run.end() && above->first == batch) return above->second;
  if (above == model.run.end()) {
    const auto& [largest, time] = *model.run.rbegin();
    return time * batch / largest;
  }
  const auto below = std::prev(above);
  return below->second +
         (above->second - below->second) * (batch - below->first) / (above->first - below->first);
}

Result<Profile> parse_profile(std::string_view text, std::string_view name) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("profile {}, {}", name, what));
  };
  try {
    return read_profile(YAML::Load(std::string(text)), name);
  } catch (const YamlError& error) {
    return wrong(error.what());
  } catch (const YAML::Exception& error) {
    return wrong(fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  }
}

Result<Profile> load_profile(const std::string& name_or_file) {
  const std::string name = name_or_file.empty() ? "hailo10h" : name_or_file;
  for (const auto& builtin : builtin_profiles()) {
    if (builtin.name == name) return parse_profile(builtin.text, name);
  }
  std::ifstream file(name, std::ios::binary);
  std::string text(kMaxProfileBytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && file.gcount() == 0) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("no simulation profile {}: neither a built-in one nor a readable file", name));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxProfileBytes) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("profile {} has over {} bytes", name, kMaxProfileBytes));
  }
  return parse_profile(text, name);
}

}  // namespace npu::device::sim
