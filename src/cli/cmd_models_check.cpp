#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/model_check.hpp"

namespace npu::cli {
namespace {

Result<std::string> text_of_file(const std::string& path, std::size_t most) {
  auto bytes = read_file(path);
  if (!bytes) return fail(bytes.error());
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return std::string(text.substr(0, most + 1));
}

// In this folder of models, for a catalogue's list of labels.
Result<std::string> read_beside(const std::string& path, std::size_t most, const std::string& dir) {
  return text_of_file(path.starts_with('/') ? path : dir + "/" + path, most);
}

Result<ModelCheck> check_file(const std::string& path, ModelStore& store) {
  const bool hef = ending_of(path) == ".hef";
  auto said = store::description_of(path, store.catalogue(), hef ? "hailo10h" : "onnx",
                                    [&](const std::string& file, std::size_t most) {
                                      return read_beside(file, most, store.dir());
                                    });
  ModelCheck yaml;
  if (!said) yaml.findings.push_back({true, said.error().message});
  const store::Described described = said ? *said : store::Described{};
  ModelCheck check;
  if (hef) {
    check = check_hef(path, described);
  } else {
    const auto file = read_file(path);
    if (!file) return fail(file.error());
    check = check_onnx(path, *file, described);
  }
  check.findings.insert(check.findings.begin(), yaml.findings.begin(), yaml.findings.end());
  return check;
}

void print(const std::string& path, const ModelCheck& check) {
  fmt::print("{}\n", for_terminal(path));
  for (const auto& [name, text] : check.rows) {
    fmt::print("  {:<14}{}\n", name, for_terminal(text));
  }
  for (const auto& finding : check.findings) {
    fmt::print("  {}: {}\n", finding.wrong ? "wrong" : "note", for_terminal(finding.text));
  }
  if (check.fine()) fmt::print("  fine\n");
}

int check_files(const Context& context, const std::vector<std::string>& files, ModelStore& store) {
  int code = kOk;
  boost::json::array list;
  for (const std::string& file : files) {
    const std::string path = absolute_path(file);
    const auto check = check_file(path, store);
    if (!check) {
      code = context.report(check.error());
      continue;
    }
    if (!check->fine()) code = kFailed;
    if (!context.json) {
      print(path, *check);
      continue;
    }
    boost::json::object object = check->json();
    object["file"] = path;
    list.push_back(std::move(object));
  }
  if (context.json) print_json(list);
  return code;
}

}  // namespace

CLI::App* add_models_check(CLI::App& models, Context& context, ModelStore& store) {
  const auto files = std::make_shared<std::vector<std::string>>();
  auto* command = models.add_subcommand(
      "check", "Say what model files are taken for, and what is wrong with them");
  command->footer(
      "Example:  hailoctl models check best.onnx   with best.yaml beside it, if there is one");
  command->add_option("FILE", *files, "ONNX or HEF files")->required();
  command->fallthrough();
  command->callback(
      [&context, &store, files] { context.exit_code = check_files(context, *files, store); });
  return command;
}

}  // namespace npu::cli
