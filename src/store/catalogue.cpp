#include "store/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace npu::store {
namespace fs = std::filesystem;
namespace {

std::string text_of(const YAML::Node& map, const char* key) {
  const YAML::Node node = map[key];
  return node && node.IsScalar() ? node.Scalar() : std::string();
}

std::string base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<CatalogueFile> parse_file(const std::string& device, const YAML::Node& node) {
  CatalogueFile file{.path = node.IsMap() ? text_of(node, "path") : std::string()};
  if (file.path.empty()) {
    return fail(ErrorCode::kMalformed, fmt::format("files.{} must have a path", device));
  }
  if (file.path.starts_with('/') || file.path.find("..") != std::string::npos) {
    return fail(ErrorCode::kMalformed,
                fmt::format("files.{}.path must be a name below a model directory, got {}", device,
                            file.path));
  }
  if (node["size"]) file.size = node["size"].as<std::uint64_t>();
  file.sha256 = text_of(node, "sha256");
  file.url = text_of(node, "url");
  file.package = text_of(node, "package");
  return file;
}

Result<CatalogueEntry> parse_node(const YAML::Node& root) {
  if (!root.IsMap()) return fail(ErrorCode::kMalformed, "a catalogue file must be a mapping");
  CatalogueEntry entry{
      text_of(root, "name"), text_of(root, "family"), text_of(root, "licence"), {}};
  if (entry.name.empty()) return fail(ErrorCode::kMalformed, "name is missing");
  if (entry.family.empty()) return fail(ErrorCode::kMalformed, "family is missing");
  const YAML::Node files = root["files"];
  if (!files || !files.IsMap()) return fail(ErrorCode::kMalformed, "files must be a mapping");
  for (const auto& item : files) {
    const std::string device = item.first.Scalar();
    auto file = parse_file(device, item.second);
    if (!file) return fail(file.error());
    entry.files.emplace(device, std::move(*file));
  }
  return entry;
}

}  // namespace

Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml) {
  try {
    return parse_node(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

Catalogue Catalogue::read(const std::string& folder, std::vector<std::string>& problems) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") paths.push_back(it->path());
  }
  std::ranges::sort(paths);
  std::vector<CatalogueEntry> entries;
  for (const fs::path& path : paths) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    auto entry =
        file ? parse_catalogue_entry(text.str()) : fail(ErrorCode::kNotFound, "cannot be read");
    if (entry) {
      entries.push_back(std::move(*entry));
    } else {
      problems.push_back(fmt::format("{}: {}", path.string(), entry.error().message));
    }
  }
  return Catalogue(std::move(entries));
}

const CatalogueEntry* Catalogue::by_name(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &CatalogueEntry::name);
  return found == entries_.end() ? nullptr : &*found;
}

const CatalogueEntry* Catalogue::by_file(std::string_view name) const {
  for (const CatalogueEntry& entry : entries_) {
    for (const auto& [device, file] : entry.files) {
      if (base_name(file.path) == name) return &entry;
    }
  }
  return nullptr;
}

}  // namespace npu::store
