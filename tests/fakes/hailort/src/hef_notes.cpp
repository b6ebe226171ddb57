// What a description says about the file and not about the model: the key `hef`.
#include <yaml-cpp/yaml.h>

#include "device/sim/yaml_reader.hpp"
#include "hef_file.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;

namespace {

std::vector<std::string> read_texts(const YAML::Node& node, std::string_view name) {
  std::vector<std::string> texts;
  if (node.IsDefined() && !node.IsSequence())
    sim::yaml_fail(node, std::string(name) + " is a list");
  for (const auto& item : node) texts.push_back(sim::to_text(item, name));
  return texts;
}

std::optional<float> read_number(sim::YamlReader& reader, std::string_view key) {
  const auto node = reader.get(key);
  if (!node.IsDefined()) return std::nullopt;
  return static_cast<float>(sim::to_number(node, key, -1e9, 1e9));
}

std::vector<float> read_numbers(const YAML::Node& node, std::string_view name) {
  std::vector<float> numbers;
  if (node.IsDefined() && !node.IsSequence())
    sim::yaml_fail(node, std::string(name) + " is a list");
  for (const auto& item : node) {
    numbers.push_back(static_cast<float>(sim::to_number(item, name, -1e9, 1e9)));
  }
  return numbers;
}

HefNotes::Output read_output(const YAML::Node& node) {
  sim::YamlReader reader(node, "an output's notes");
  HefNotes::Output output{.type = reader.text("type", ""),
                          .order = reader.text("order", ""),
                          .scale = read_number(reader, "scale"),
                          .zero_point = read_number(reader, "zero_point"),
                          .scales = read_numbers(reader.get("scales"), "scales"),
                          .zero_points = read_numbers(reader.get("zero_points"), "zero_points")};
  if (output.scales.size() != output.zero_points.size()) {
    sim::yaml_fail(node, "scales and zero_points are as many");
  }
  reader.finish();
  return output;
}

}  // namespace

HefNotes read_notes(const std::string& yaml) {
  HefNotes notes;
  if (yaml.empty()) return notes;
  sim::YamlReader reader(YAML::Load(yaml), "hef");
  notes.architectures = read_texts(reader.get("architectures"), "architectures");
  notes.groups = read_texts(reader.get("groups"), "groups");
  if (const auto node = reader.get("multi_context"); node.IsDefined()) {
    notes.multi_context = reader.flag("multi_context", false);
  }
  if (const auto node = reader.get("core_ops"); node.IsDefined()) {
    notes.core_ops = static_cast<int>(sim::to_number(node, "core_ops", 0, 1000));
  }
  notes.damaged = reader.flag("damaged", false);
  notes.hailo_config = reader.text("hailo_config", "");
  notes.chat_template = reader.text("chat_template", "");
  for (const auto& item : reader.get("outputs")) {
    notes.outputs[sim::to_text(item.first, "an output's name")] = read_output(item.second);
  }
  reader.finish();
  return notes;
}

}  // namespace hailo_fake
