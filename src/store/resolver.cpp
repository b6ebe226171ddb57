#include "store/resolver.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "store/closed_folder.hpp"
#include "store/hef_header.hpp"
#include "store/pull_command.hpp"

namespace npu::store {
namespace fs = std::filesystem;
namespace {

// asked: the path as the client said it. A file that cannot be read is left to the worker.
Result<OpenedFile> for_npu(Result<OpenedFile> file, std::string_view asked) {
  if (!file || !file->path.ends_with(".hef")) return file;
  const auto header = read_hef_header(file->fd.get(), file->path);
  if (!header && header.error().code == ErrorCode::kMalformed) {
    return fail(ErrorCode::kMalformed,
                fmt::format("Model file {}: {}", asked, header.error().message));
  }
  return file;
}

std::string not_found(std::string_view path) {
  return fmt::format("Model file not found: {}", path);
}

}  // namespace

Resolver::Resolver(ModelDirs dirs, Catalogue catalogue, std::string device_kind,
                   std::string architecture)
    : dirs_(std::move(dirs)),
      catalogue_(std::move(catalogue)),
      device_kind_(std::move(device_kind)),
      architecture_(std::move(architecture)) {}

std::string_view Resolver::catalogue_device() const {
  return device_kind_ == "onnx" ? std::string_view("onnx") : std::string_view(architecture_);
}

Result<OpenedFile> Resolver::open(std::string_view path) const {
  const bool named = path.find('/') == std::string_view::npos;
  if (device_kind_ == "sim" && named) return OpenedFile{.path = std::string(path)};
  if (named) return by_name(path);
  if (device_kind_ == "onnx" && !path.ends_with(".onnx")) return cpu_variant(path);
  return device_kind_ == "onnx" ? dirs_.open(path) : npu_file(path);
}

Result<Described> Resolver::describe(const OpenedFile& file) const {
  return description_of(file.path, catalogue_, catalogue_device(),
                        [this](const std::string& path, std::size_t most) -> Result<std::string> {
                          const auto found =
                              path.starts_with('/') ? dirs_.open(path) : dirs_.find(path);
                          if (!found) return fail(found.error());
                          return read_text(*found, most);
                        });
}

const CatalogueEntry* Resolver::named_by(std::string_view path) const {
  const fs::path file = fs::path(path).filename();
  return file.extension() == ".hef" ? catalogue_.by_name(file.stem().string()) : nullptr;
}

Result<OpenedFile> Resolver::npu_file(std::string_view path) const {
  auto file = dirs_.open(path);
  const bool absent = !file && file.error().code == ErrorCode::kNotFound;
  if (!absent && !is_closed(file, path)) {
    return device_kind_ == "hailort" ? for_npu(std::move(file), path) : std::move(file);
  }
  const std::string name = fs::path(path).filename().string();
  const auto* entry = catalogue_.by_file(name);
  if (entry == nullptr) {
    const auto* named = named_by(path);
    return named != nullptr ? installed(*named, path) : std::move(file);
  }
  const auto ours = entry->files.find(catalogue_device());
  const bool same = ours != entry->files.end() && fs::path(ours->second.path).filename() == name;
  return same ? installed(*entry, path) : std::move(file);
}

Result<OpenedFile> Resolver::by_name(std::string_view name) const {
  if (const auto* entry = catalogue_.by_name(name)) return installed(*entry, name);
  return fail(ErrorCode::kNotFound, not_found(name) + " (the catalogue has no model of that name)");
}

Result<OpenedFile> Resolver::installed(const CatalogueEntry& entry, std::string_view asked) const {
  const auto file = entry.files.find(catalogue_device());
  if (file != entry.files.end()) {
    auto found = dirs_.find(file->second.path);
    if (found && device_kind_ == "hailort") return for_npu(std::move(found), asked);
    if (found) return found;
    Error missing = not_installed(entry, asked);
    if (found.error().code == ErrorCode::kPermission) {
      missing.message += "; " + found.error().message;
    } else if (found.error().code != ErrorCode::kNotFound) {
      return found;
    }
    return fail(std::move(missing));
  }
  return fail(not_installed(entry, asked));
}

Error Resolver::not_installed(const CatalogueEntry& entry, std::string_view asked) const {
  const std::string_view what = device_kind_ == "onnx" ? "CPU" : catalogue_device();
  const auto file = entry.files.find(catalogue_device());
  if (file == entry.files.end()) {
    return {ErrorCode::kNotFound,
            fmt::format("{} (model {} has no {} variant)", not_found(asked), entry.name, what)};
  }
  const std::string put = fmt::format("put {} into {}", file->second.path, dirs_.suggestion());
  std::string how = put;
  if (!file->second.package.empty()) {
    how = fmt::format("install {} or {}", file->second.package, put);
  } else if (!file->second.url.empty()) {
    how = pull_command(entry.name) + " brings it";
  }
  return {ErrorCode::kNotFound,
          fmt::format("{} (no {} variant is installed: {})", not_found(asked), what, how)};
}

Result<OpenedFile> Resolver::cpu_variant(std::string_view path) const {
  auto original = dirs_.open(path);
  if (!original && original.error().code == ErrorCode::kPermission && !is_closed(original, path)) {
    return fail(original.error());
  }
  std::optional<Error> missing;
  const fs::path name = fs::path(path).filename();
  const auto* entry = catalogue_.by_file(name.string());
  if (entry == nullptr) entry = named_by(path);
  if (entry != nullptr) {
    auto found = installed(*entry, path);
    if (found || found.error().code != ErrorCode::kNotFound) return found;
    missing = std::move(found.error());
  }
  fs::path twin = fs::path(path).replace_extension(".onnx");
  if (auto found = dirs_.open(twin.string())) return found;
  if (auto elsewhere = dirs_.find(twin.filename().string())) return elsewhere;
  if (missing) return fail(std::move(*missing));
  if (!original) return fail(original.error());
  return fail(ErrorCode::kNotFound,
              fmt::format("{} (this manager runs models on the CPU, and there is no {} for it)",
                          not_found(path), twin.filename().string()));
}

bool Resolver::is_closed(const Result<OpenedFile>& file, std::string_view path) const {
  return !file && file.error().code == ErrorCode::kPermission && dirs_.contains_text(path) &&
         !closed_folder(std::string(path)).empty();
}

}  // namespace npu::store
