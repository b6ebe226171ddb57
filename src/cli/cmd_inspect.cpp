#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/hailort_probe.hpp"
#include "cli/hef_json.hpp"
#include "cli/inspect_text.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"
#include "json/parse.hpp"
#include "store/hef_content.hpp"
#include "store/hef_header.hpp"
#include "store/hef_kind.hpp"
#include "store/sha256.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kHere = "here";
constexpr const char* kWithoutHailort =
    "Read from the file itself. HailoRT would check its checksum too: install it (Raspberry Pi OS: "
    "hailo-h10-all) and hailo-device-manager built for it. No chip is needed.";

struct InspectArguments {
  std::string file;
  bool no_sha256 = false;
  std::string chip;  // of --for
  HailortProbe probe;
};

// What the header says. Messages name the file.
Result<json::object> header_of(const std::string& path, bool with_sum) {
  const auto header = store::read_hef_header(path);
  if (!header) {
    Error error = header.error();
    if (error.code == ErrorCode::kMalformed) error.message = path + ": " + error.message;
    if (error.code == ErrorCode::kPermission) error.code = ErrorCode::kInvalidArgument;
    return fail(error);
  }
  json::object out{{"file", path},
                   {"bytes", header->file_bytes},
                   {"hef_version", header->version},
                   {"sha256", nullptr}};
  if (!with_sum) return out;
  const auto sum = store::sha256_of_file(path);
  if (!sum) return fail(sum.error());
  out["sha256"] = *sum;
  return out;
}

// What a generative model says of itself, null for others.
json::value generation_of(const std::string& path, const store::HefContent& content) {
  const auto text = store::read_hef_config(path, content);
  if (!text && text.error().code == ErrorCode::kNotFound) return nullptr;
  if (!text) return json::object{{"error", text.error().message}};
  const auto config = npu::json::parse(*text);
  if (!config || !config->is_object()) {
    return json::object{{"error", fmt::format("{} is no JSON object", store::kHefConfigName)}};
  }
  return store::describe_config(config->get_object());
}

// Adds what the file says, and why HailoRT does not.
Status add_own_content(const std::string& path, const std::string& why, json::object& out) {
  const auto content = store::read_hef_content(path);
  if (content) {
    const json::object said = hef_json(*content);
    out.insert(said.begin(), said.end());
    out["generation"] = generation_of(path, *content);
    out["note"] = why + "\n" + kWithoutHailort;
    return {};
  }
  const Error& error = content.error();
  if (error.code != ErrorCode::kUnsupported) {
    return fail(error.code, fmt::format("{}: {}", path, error.message));
  }
  out["note"] = fmt::format("{}\n{}; with HailoRT it may be read", why, error.message);
  return {};
}

// Adds what HailoRT says, or, without it, the file.
Status add_content(const InspectArguments& arguments, const std::string& path, Millis limit,
                   json::object& out) {
  const auto child = arguments.probe.run({"inspect", path}, limit);
  if (!child) {
    if (child.error().code != ErrorCode::kUnavailable) return fail(child.error());
    return add_own_content(path, child.error().message, out);
  }
  const auto content = answer_of(*child);
  if (content) {
    out.insert(content->begin(), content->end());
    return {};
  }
  if (!child->exited_with(kProbeNoAdapter)) {
    return fail(content.error().code, fmt::format("{}: {}", path, content.error().message));
  }
  return add_own_content(path, content.error().message, out);
}

// "HAILO10H" of "hailo-10h".
std::string architecture_of(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

// The architectures of the chips of this machine.
Result<std::vector<std::string>> chips_here(const HailortProbe& probe, Millis limit) {
  const auto scan = probe.ask({"scan"}, limit);
  if (!scan) return fail(scan.error());
  std::vector<std::string> out;
  if (const auto* devices = npu::json::Fields(*scan).list("devices")) {
    for (const auto& device : *devices) {
      const std::string name =
          device.is_object() ? text_at(device.get_object(), "architecture") : std::string("-");
      if (name != "-") out.push_back(architecture_of(name));
    }
  }
  if (out.empty()) return fail(ErrorCode::kUnavailable, "no chip answers here: hailoctl doctor");
  return out;
}

// Whether the file is made for the chip of --for.
Status check_chip(const InspectArguments& arguments, const json::object& file, Millis limit) {
  std::vector<std::string> wanted{architecture_of(arguments.chip)};
  if (arguments.chip == kHere) {
    auto here = chips_here(arguments.probe, limit);
    if (!here) return fail(here.error());
    wanted = std::move(*here);
  }
  const auto* made_for = npu::json::Fields(file).list("architectures");
  if (made_for == nullptr) {
    return fail(ErrorCode::kUnavailable,
                "what chip the file is for is not known: its format is newer than this program");
  }
  std::vector<std::string> names;
  for (const auto& one : *made_for) {
    if (one.is_string()) names.push_back(architecture_of(std::string_view(one.get_string())));
  }
  std::ranges::sort(names);
  for (const auto& name : wanted) {
    if (std::ranges::find(names, name) != names.end()) return {};
  }
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("{} is made for {}, not for {}", text_at(file, "file"),
                  names.empty() ? "an unknown chip" : fmt::format("{}", fmt::join(names, ", ")),
                  fmt::join(wanted, ", ")));
}

int inspect(const Context& context, const InspectArguments& arguments) {
  const std::string path = absolute_path(arguments.file);
  auto file = header_of(path, !arguments.no_sha256);
  if (!file) return context.report(file.error());
  if (auto added = add_content(arguments, path, context.client_options().timeout, *file); !added)
    return context.report(added.error());
  if (context.json) {
    print_json(*file);
  } else {
    fmt::print("{}", describe_inspection(*file));
  }
  if (arguments.chip.empty()) return kOk;
  const auto fits = check_chip(arguments, *file, context.client_options().timeout);
  if (fits) return kOk;
  fmt::print(stderr, "hailoctl: {}\n", for_terminal(fits.error().message));
  return kFailed;
}

}  // namespace

void add_inspect(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<InspectArguments>();
  auto* command = app.add_subcommand("inspect", "Show what a HEF file holds; needs no chip");
  command->footer(
      "Architectures, network groups, inputs and outputs with shape, type, order and "
      "quantisation,\n"
      "NMS, and of a language model context length, chat template, stop tokens and sampling.\n"
      "Without HailoRT the file itself says it.\n\n"
      "Example:  hailoctl inspect yolov8n.hef");
  command->add_option("file", arguments->file, "The .hef file, on this machine")->required();
  command->add_flag("--no-sha256", arguments->no_sha256,
                    "Do not read the whole file for its SHA-256");
  command->add_option("--for", arguments->chip,
                      "Fail unless the file is made for this chip (hailo10h, hailo8, ...), or for "
                      "the one of this machine (here)");
  arguments->probe.add_to(*command);
  command->callback([&context, arguments] { context.exit_code = inspect(context, *arguments); });
}

}  // namespace npu::cli
