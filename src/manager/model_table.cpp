#include "manager/model_table.hpp"

#include <algorithm>

#include <sys/stat.h>

#include <fmt/format.h>

#include "families/family.hpp"
#include "manager/params_hash.hpp"
#include "manager/work.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxRemembered = 8192;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

Error load_failure(std::string_view why, ErrorCode code = ErrorCode::kInvalidArgument) {
  return {code, fmt::format("Failed to load model: {}", why)};
}

// Who the opened file is, so that a name cannot be given to another file.
Result<std::string> identity_of(const UniqueFd& fd) {
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, "model_fd must be an opened regular file");
  }
  return fmt::format("@{:x}:{:x}:{:x}:{:x}", info.st_dev, info.st_ino, info.st_size,
                     info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec);
}

}  // namespace

ModelTable::ModelTable(store::Resolver resolver, std::string device_kind,
                       std::function<bool(const std::string&)> resident)
    : resolver_(std::move(resolver)),
      device_kind_(std::move(device_kind)),
      resident_(std::move(resident)) {}

Result<ModelTable::SpecPtr> ModelTable::find(const ModelQuery& query) {
  std::string name = fmt::format("{}:{}", query.type, query.path);
  const auto known = named_.find(name);
  static const json::object kNone;
  std::string hash;
  const json::object* params = query.params;
  if (params != nullptr) {
    hash = params_hash(*params);
  } else if (known != named_.end()) {
    params = &known->second.params;
    hash = known->second.hash;
  } else {
    params = &kNone;
  }
  std::string key = hash.empty() ? name : fmt::format("{}#{}", name, hash);
  if (query.fd) {
    const auto identity = identity_of(*query.fd);
    if (!identity) return fail(identity.error());
    key += *identity;
  }

  SpecPtr spec;
  const auto made = specs_.find(key);
  const bool is_new = made == specs_.end();
  const bool remember = is_new || query.params != nullptr;
  if (!is_new && resident_(key)) {
    spec = made->second;
  } else {
    auto fresh = make(query, *params, key);
    if (!fresh) return fail(fresh.error());
    spec = std::move(*fresh);
    prune();
    specs_[key] = spec;
  }
  if (remember) {
    Named& entry = named_[name];
    if (query.params != nullptr) {
      entry.params = *query.params;
      entry.hash = std::move(hash);
    }
    if (std::ranges::find(entry.keys, key) == entry.keys.end())
      entry.keys.push_back(std::move(key));
  }
  return spec;
}

std::vector<ModelTable::SpecPtr> ModelTable::variants(const std::string& type,
                                                      const std::string& path,
                                                      const json::object* params) const {
  std::vector<SpecPtr> found;
  const std::string name = fmt::format("{}:{}", type, path);
  const auto known = named_.find(name);
  if (known == named_.end()) return found;
  const std::string hash = params != nullptr ? params_hash(*params) : std::string();
  const std::string prefix = hash.empty() ? name : fmt::format("{}#{}", name, hash);
  for (const std::string& key : known->second.keys) {
    if (params != nullptr && key != prefix && !key.starts_with(prefix + "@")) continue;
    if (const auto spec = specs_.find(key); spec != specs_.end()) found.push_back(spec->second);
  }
  return found;
}

Result<ModelTable::SpecPtr> ModelTable::make(const ModelQuery& query, const json::object& params,
                                             std::string key) {
  const families::FamilyEntry* family = families::find_family(query.type);
  const bool own_file = family == nullptr || family->own_file;
  auto order = std::make_shared<LoadOrder>();
  std::uint64_t bytes = 0;
  if (own_file && !query.fd) {
    auto file = resolver_.resolve(query.path);
    if (!file) return fail(file.error());
    bytes = file->size;
    order->files.push_back(std::move(file->path));
  }
  if (family == nullptr) return fail(load_failure("Unsupported model_type: " + query.type));
  const auto plan = family->make()->plan(query.path, params);
  if (!plan) return fail(load_failure(plan.error().message, plan.error().code));
  if (query.fd) {
    order->fd = query.fd;
    order->files.push_back(query.path);
  }
  for (std::size_t i = own_file ? 1 : 0; i < plan->files.size(); ++i) {
    auto file = check_file(plan->files[i].path, plan->files[i].missing_message);
    if (!file) return fail(file.error());
    bytes += file->size;
    order->files.push_back(std::move(file->path));
  }
  order->params = json::serialize(params);
  auto spec = std::make_shared<broker::ModelSpec>();
  spec->key = std::move(key);
  spec->type = query.type;
  spec->path = query.path;
  spec->lane = family->lane;
  spec->exclusive_group = family->exclusive_group;
  spec->memory_bound = memory_bound(bytes);
  spec->load = std::move(order);
  return SpecPtr(std::move(spec));
}

Result<store::ResolvedFile> ModelTable::check_file(const std::string& path,
                                                   const std::string& message) const {
  auto file = resolver_.resolve(path);
  if (file || file.error().code == ErrorCode::kPermission) return file;
  const bool missing = file.error().code == ErrorCode::kNotFound && !message.empty();
  return fail(load_failure(missing ? message : file.error().message, file.error().code));
}

std::uint64_t ModelTable::memory_bound(std::uint64_t file_bytes) const {
  // A simulated model takes what its profile says, and most of their files are empty stand-ins.
  if (device_kind_ == "sim") return file_bytes >= kMiB ? file_bytes : 0;
  return device_kind_ == "onnx" ? file_bytes * 3 + 64 * kMiB : file_bytes * 2 + 16 * kMiB;
}

void ModelTable::prune() {
  if (specs_.size() < kMaxRemembered) return;
  std::erase_if(specs_, [&](const auto& item) { return !resident_(item.first); });
  for (auto& [name, named] : named_) {
    std::erase_if(named.keys, [&](const std::string& key) { return !specs_.contains(key); });
  }
  std::erase_if(named_, [](const auto& item) { return item.second.keys.empty(); });
}

}  // namespace npu::manager
