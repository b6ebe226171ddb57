#include "store/resolver.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "store/hef_header.hpp"

namespace npu::store {
namespace fs = std::filesystem;
namespace {

ResolvedFile with_size(std::string path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return {std::move(path), error ? 0 : static_cast<std::uint64_t>(size)};
}

Result<ResolvedFile> with_size(Result<std::string> path) {
  if (!path) return fail(path.error());
  return with_size(std::move(*path));
}

// asked: the path as the client said it. A file that cannot be read is left to the worker.
Result<ResolvedFile> for_npu(Result<std::string> path, std::string_view asked) {
  if (path && path->ends_with(".hef")) {
    const auto header = read_hef_header(*path);
    if (!header && header.error().code == ErrorCode::kMalformed) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("Model file {}: {}", asked, header.error().message));
    }
  }
  return with_size(std::move(path));
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

Result<ResolvedFile> Resolver::resolve(std::string_view path) const {
  const bool named = path.find('/') == std::string_view::npos;
  if (device_kind_ == "sim") {
    if (named) return ResolvedFile{std::string(path), 0};
    auto found = dirs_.resolve(path);
    if (found) return with_size(std::move(*found));
    if (found.error().code == ErrorCode::kNotFound) return ResolvedFile{std::string(path), 0};
    return fail(found.error());
  }
  if (named) return by_name(path);
  if (device_kind_ == "onnx" && !path.ends_with(".onnx")) return cpu_variant(path);
  if (device_kind_ == "hailort") return for_npu(dirs_.resolve(path), path);
  return with_size(dirs_.resolve(path));
}

Result<ResolvedFile> Resolver::by_name(std::string_view name) const {
  if (const auto* entry = catalogue_.by_name(name)) return installed(*entry, name);
  return fail(ErrorCode::kNotFound, not_found(name) + " (the catalogue has no model of that name)");
}

Result<ResolvedFile> Resolver::installed(const CatalogueEntry& entry,
                                         std::string_view asked) const {
  const auto file = entry.files.find(catalogue_device());
  if (file != entry.files.end()) {
    const std::string found = dirs_.find(file->second.path);
    if (!found.empty()) {
      return device_kind_ == "hailort" ? for_npu(found, asked) : with_size(found);
    }
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
  const std::string how = file->second.package.empty()
                              ? put
                              : fmt::format("install {} or {}", file->second.package, put);
  return {ErrorCode::kNotFound,
          fmt::format("{} (no {} variant is installed: {})", not_found(asked), what, how)};
}

Result<ResolvedFile> Resolver::cpu_variant(std::string_view path) const {
  auto original = dirs_.resolve(path);
  if (!original && original.error().code == ErrorCode::kPermission) return fail(original.error());
  const fs::path name = fs::path(path).filename();
  const auto* entry = catalogue_.by_file(name.string());
  if (entry != nullptr) {
    if (auto found = installed(*entry, path)) return found;
  }
  fs::path twin = fs::path(path).replace_extension(".onnx");
  if (auto found = dirs_.resolve(twin.string())) return with_size(std::move(*found));
  const std::string elsewhere = dirs_.find(twin.filename().string());
  if (!elsewhere.empty()) return with_size(elsewhere);
  if (entry != nullptr) return fail(not_installed(*entry, path));
  if (!original) return fail(original.error());
  return fail(ErrorCode::kNotFound,
              fmt::format("{} (this manager runs models on the CPU, and there is no {} for it)",
                          not_found(path), twin.filename().string()));
}

}  // namespace npu::store
