#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/model_store.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace {

struct RmArguments {
  std::vector<std::string> names;
  std::string device;
  ModelStore models;
};

// Side files that a model which stays needs too.
std::set<std::string> needed_by_others(ModelStore& models, const store::CatalogueEntry& gone) {
  std::set<std::string> paths;
  for (const auto& entry : models.catalogue().entries()) {
    if (entry.name == gone.name) continue;
    std::error_code failed;
    bool here = false;
    for (const auto& [device, file] : entry.files) {
      here = here || fs::exists(models.place_of(file), failed);
    }
    for (const auto& side : entry.side_files) {
      if (here) paths.insert(side.path);
    }
  }
  return paths;
}

// The model's file, what was recorded of it, and what an unfinished pull left.
Result<bool> remove_file(const std::string& path) {
  bool any = false;
  for (const char* ending : {"", ".sha256", ".part", ".part.from"}) {
    std::error_code failed;
    const bool removed = fs::remove(path + ending, failed);
    if (failed) {
      const bool mine = failed != std::errc::permission_denied;
      return fail(mine ? ErrorCode::kInvalidArgument : ErrorCode::kPermission,
                  fmt::format("cannot remove {}{}: {}", path, ending, failed.message()));
    }
    any = any || removed;
  }
  return any;
}

// What fetched files the entry has in the folder; those of packages are the packages'.
std::vector<const store::CatalogueFile*> files_to_remove(ModelStore& models,
                                                         const store::CatalogueEntry& entry,
                                                         const std::string& device) {
  std::vector<const store::CatalogueFile*> out;
  for (const auto& [kind, file] : entry.files) {
    if ((device.empty() || kind == device) && !file.url.empty()) out.push_back(&file);
  }
  if (!device.empty()) return out;
  const auto needed = needed_by_others(models, entry);
  for (const auto& side : entry.side_files) {
    if (!needed.contains(side.path)) out.push_back(&side);
  }
  return out;
}

int remove_model(const Context& context, RmArguments& arguments, const std::string& name) {
  const auto entry = arguments.models.entry(name);
  if (!entry) return context.report(entry.error(), "What there is:  hailoctl models --available");
  boost::json::array removed;
  for (const auto* file : files_to_remove(arguments.models, **entry, arguments.device)) {
    const std::string path = arguments.models.place_of(*file);
    const auto done = remove_file(path);
    if (!done) {
      const bool denied = done.error().code == ErrorCode::kPermission;
      return context.report(
          done.error(), denied ? "As an administrator:  sudo hailoctl rm " + name : std::string());
    }
    if (!*done) continue;
    removed.emplace_back(path);
    if (!context.json) fmt::print("{}: {} removed\n", (*entry)->name, path);
  }
  if (removed.empty()) {
    return context.report({ErrorCode::kNotFound, fmt::format("there is nothing of {} in {}", name,
                                                             arguments.models.dir())},
                          "Where models are:  hailoctl models --available");
  }
  if (context.json) print_json({{"name", (*entry)->name}, {"removed", removed}});
  return kOk;
}

}  // namespace

void add_rm(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<RmArguments>();
  auto* command = app.add_subcommand("rm", "Remove models that pull has fetched");
  command->footer(
      "Removes the files, their recorded SHA-256 and what an unfinished pull has left. A model "
      "that "
      "is\n"
      "loaded stays on the device until it is unloaded. What a package brought is the "
      "package's.\n\n"
      "Example:  sudo hailoctl rm scdepthv3");
  command->add_option("names", arguments->names, "Names of the catalogue")->required();
  command->add_option("--device", arguments->device,
                      "Only the file for this device (hailo10h, hailo8, onnx)");
  arguments->models.add_to(*command);
  command->callback([&context, arguments] {
    for (const auto& name : arguments->names) {
      const int code = remove_model(context, *arguments, name);
      if (code != kOk) context.exit_code = code;
    }
  });
}

}  // namespace npu::cli
