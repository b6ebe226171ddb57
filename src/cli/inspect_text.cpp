#include "cli/inspect_text.hpp"

#include <sstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "cli/status_text.hpp"
#include "cli/text.hpp"
#include "json/fields.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr std::size_t kTemplateShown = 60;

const json::value* find(const json::object& object, std::string_view name) {
  return npu::json::Fields(object).find(name);
}

const json::array* list_in(const json::object& object, std::string_view name) {
  return npu::json::Fields(object).list(name);
}

const json::object* object_in(const json::object& object, std::string_view name) {
  return npu::json::Fields(object).object(name);
}

// Texts as they are, other values as JSON. The file that they come from may be anybody's.
std::string plain(const json::value& value) {
  if (value.is_string()) return for_terminal(value.get_string());
  if (value.is_double()) return fmt::format("{:.6g}", value.get_double());
  return json::serialize(value);
}

std::string joined(const json::array& list, const char* between = ", ") {
  std::vector<std::string> texts;
  for (const auto& value : list) texts.push_back(plain(value));
  return fmt::format("{}", fmt::join(texts, between));
}

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("  {:<16}{}\n", name, value);
}

std::string in_lines(const std::string& whole) {
  std::string out;
  std::istringstream lines(whole);
  for (std::string one; std::getline(lines, one);) out += for_terminal(one) + '\n';
  return out;
}

std::string size_of(double bytes) {
  std::string exact = fmt::format("{:.0f} bytes", bytes);
  if (bytes < 1e6) return exact;
  return bytes < 1e9 ? fmt::format("{:.1f} MB ({})", bytes / 1e6, exact)
                     : fmt::format("{:.2f} GB ({})", bytes / 1e9, exact);
}

std::string kind_in_words(const std::string& kind) {
  if (kind == "llm") return "language model (LLM)";
  if (kind == "vlm") return "vision-language model (VLM)";
  if (kind == "speech2text") return "speech recognition (Speech2Text)";
  return "tensors in, tensors out";
}

std::string shape_of(const json::object& stream) {
  if (const auto* shape = list_in(stream, "shape")) return joined(*shape, "x");
  const auto* nms = object_in(stream, "nms");
  if (nms == nullptr) return "-";
  const double total = number_at(*nms, "max_boxes");
  const double each = number_at(*nms, "max_boxes_per_class");
  std::string text = fmt::format("{:.0f} classes, ", number_at(*nms, "classes"));
  text += each > 0 ? fmt::format("{:.0f} boxes each", each) : fmt::format("{:.0f} boxes", total);
  const double mask = number_at(*nms, "max_mask_bytes");
  return mask > 0 ? text + fmt::format(", {:.0f} bytes of masks", mask) : text;
}

std::string quantisation_of(const json::object& stream) {
  const auto* quantisation = object_in(stream, "quantisation");
  if (quantisation == nullptr) {
    return list_in(stream, "feature_scales") != nullptr ? "of each feature" : "-";
  }
  return fmt::format("(q - {}) * {}", plain(quantisation->at("zero_point")),
                     plain(quantisation->at("scale")));
}

void add_streams(const json::object& group, std::string_view name, std::string_view direction,
                 std::vector<std::vector<std::string>>& rows) {
  const auto* streams = list_in(group, name);
  if (streams == nullptr) return;
  for (const auto& value : *streams) {
    if (!value.is_object()) continue;
    const auto& stream = value.get_object();
    rows.push_back({"   ", std::string(direction), text_at(stream, "name"), shape_of(stream),
                    text_at(stream, "type"), text_at(stream, "order"), quantisation_of(stream)});
  }
}

std::string describe_group(const json::object& group) {
  std::string text = fmt::format("\n  group {}", for_terminal(text_at(group, "name")));
  if (const auto several = npu::json::Fields(group).flag("multi_context")) {
    text += *several ? ", several contexts" : ", one context";
  }
  if (const double fps = number_at(group, "bottleneck_fps"); fps > 0) {
    text += fmt::format(", {:.0f} frames a second at most", fps);
  }
  std::vector<std::vector<std::string>> rows{
      {"   ", "", "NAME", "SHAPE", "TYPE", "ORDER", "QUANTISATION"}};
  add_streams(group, "inputs", "in", rows);
  add_streams(group, "outputs", "out", rows);
  text += '\n' + (rows.size() > 1 ? table(rows) : "");
  const auto* in = list_in(group, "input_streams");
  const auto* out = list_in(group, "output_streams");
  if (in != nullptr && out != nullptr) {
    text +=
        fmt::format("    {} input and {} output streams on the device\n", in->size(), out->size());
  }
  return text;
}

std::string describe_operation(const json::object& operation) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : operation) {
    if (name != "operation")
      parts.push_back(fmt::format("{} {}", for_terminal(name), plain(value)));
  }
  return line("operation", fmt::format("{}: {}", for_terminal(text_at(operation, "operation")),
                                       fmt::join(parts, ", ")));
}

std::string describe_generation(const json::object& generation) {
  std::string text;
  if (const auto* error = find(generation, "error")) return line("configuration", plain(*error));
  const auto add = [&](std::string_view name, std::string_view shown, std::string_view unit) {
    if (const auto* value = find(generation, name)) {
      text += line(shown, value->is_array() ? joined(value->get_array())
                                            : plain(*value) + std::string(unit));
    }
  };
  add("context_length", "context", " tokens");
  add("prefill_tokens", "read at once", " tokens");
  add("eos_token_id", "end token", "");
  add("stop_token_ids", "stop tokens", "");
  add("chunk_seconds", "audio at once", " s");
  if (const auto* sampling = object_in(generation, "sampling")) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : *sampling) {
      if (!value.is_null()) parts.push_back(fmt::format("{} {}", for_terminal(name), plain(value)));
    }
    if (!parts.empty()) text += line("sampling", fmt::format("{}", fmt::join(parts, ", ")));
  }
  if (const auto chat = npu::json::Fields(generation).text("chat_template")) {
    const auto first = utf8_prefix(chat->substr(0, chat->find('\n')), kTemplateShown);
    text += line("chat template", fmt::format("{} bytes, {}{}", chat->size(), for_terminal(first),
                                              first.size() < chat->size() ? " ..." : ""));
  }
  return text;
}

}  // namespace

std::string describe_inspection(const json::object& file) {
  std::string text = for_terminal(text_at(file, "file")) + '\n';
  text += line("size", fmt::format("{}, HEF format {:.0f}", size_of(number_at(file, "bytes")),
                                   number_at(file, "hef_version")));
  const auto add = [&](std::string_view name, std::string_view shown) {
    if (const auto* value = find(file, name)) text += line(shown, plain(*value));
  };
  add("sha256", "sha256");
  const std::string note =
      find(file, "note") != nullptr ? '\n' + in_lines(text_at(file, "note")) : std::string();
  if (find(file, "groups") == nullptr) return text + note;
  add("hash", "hash");
  if (const auto* made_for = list_in(file, "architectures")) {
    text += line("made for", made_for->empty() ? "an unknown chip" : joined(*made_for));
  }
  add("compiler", "compiler");
  text += line("kind", kind_in_words(text_at(file, "kind")));
  if (const auto* lora = list_in(file, "lora"); lora != nullptr && !lora->empty()) {
    text += line("adapters (LoRA)", joined(*lora));
  }
  if (const auto* generation = object_in(file, "generation"))
    text += describe_generation(*generation);
  if (const auto* resources = list_in(file, "resources");
      resources != nullptr && !resources->empty()) {
    text += line("resources", joined(*resources));
  }
  if (const auto* operations = list_in(file, "operations")) {
    for (const auto& one : *operations) {
      if (one.is_object()) text += describe_operation(one.get_object());
    }
  }
  add("hailort", "read by HailoRT");
  if (const auto* groups = list_in(file, "groups")) {
    for (const auto& group : *groups) {
      if (group.is_object()) text += describe_group(group.get_object());
    }
  }
  return text + note;
}

}  // namespace npu::cli
