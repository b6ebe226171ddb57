#include "store/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace npu::store {
namespace fs = std::filesystem;
namespace {

std::string base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// As much as an entry may have and one byte more, by which it shows that it has too much.
Result<CatalogueEntry> read_entry_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxCatalogueBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof()))
    return fail(ErrorCode::kNotFound, "cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_catalogue_entry(text);
}

}  // namespace

Catalogue Catalogue::read(const std::string& folder, std::vector<std::string>& problems) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") paths.push_back(it->path());
  }
  std::ranges::sort(paths);
  std::vector<CatalogueEntry> entries;
  for (const fs::path& path : paths) {
    auto entry = read_entry_file(path);
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
