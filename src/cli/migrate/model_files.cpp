#include "cli/migrate/model_files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "cli/migrate/old_services.hpp"

namespace npu::cli::migrate {
namespace {

constexpr std::size_t kMostFiles = 1000;
constexpr int kMostFoldersDeep = 3;

bool is_model(std::string_view name) {
  const std::string lower = to_lower(std::string(name));
  return lower.ends_with(".hef") || lower.ends_with(".onnx");
}

// One that a catalogue, a shell and a log can show.
bool is_plain(std::string_view name) {
  return name.size() <= 200 && name.front() != '.' && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-' || c == '+';
         });
}

class Search {
 public:
  explicit Search(const Tree& tree) : tree_(tree) {}

  void look_into(const std::string& folder, int level) {
    for (const auto& name : tree_.names(folder)) {
      const std::string path = folder + "/" + name;
      const FileInfo info = tree_.look(path);
      if (info.is_folder() && level < kMostFoldersDeep) {
        look_into(path, level + 1);
      } else if (is_model(name) && found_.files.size() + found_.notes.size() < kMostFiles) {
        take(path, name, info);
      }
    }
  }

  ModelFiles result() { return std::move(found_); }

 private:
  void take(const std::string& path, const std::string& name, const FileInfo& info) {
    const auto stays = [&](std::string_view why) {
      found_.notes.push_back(fmt::format("{} stays where it is: {}", path, why));
    };
    ModelFile file{path, fmt::format("{}/{}", kModels, name), {info.owner, info.group, info.mode}};
    const bool twice = std::ranges::any_of(
        found_.files, [&](const ModelFile& other) { return other.goes_to == file.goes_to; });
    if (info.kind == FileInfo::Kind::kLink) {
      stays("it is a link");
    } else if (!info.is_file()) {
      stays("it is no file");
    } else if (info.names != 1) {
      stays("it is the same file as another one elsewhere");
    } else if (!is_plain(name)) {
      stays("no model is called so");
    } else if (twice || !tree_.look(file.goes_to).is_absent()) {
      stays(fmt::format("there is a {} already", file.goes_to));
    } else {
      found_.files.push_back(std::move(file));
    }
  }

  const Tree& tree_;
  ModelFiles found_;
};

}  // namespace

ModelFiles find_model_files(const Tree& tree, const std::string& folder) {
  Search search(tree);
  search.look_into(folder, 0);
  return search.result();
}

}  // namespace npu::cli::migrate
