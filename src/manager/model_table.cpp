#include "manager/model_table.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "base/log.hpp"
#include "families/family.hpp"
#include "json/parse.hpp"
#include "manager/params_hash.hpp"
#include "manager/work.hpp"
#include "store/closed_folder.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxName = 4096;
constexpr std::size_t kMaxParams = std::size_t{64} << 10;
constexpr std::size_t kMaxGiven = 1024;  // of models that nobody holds
constexpr std::size_t kMaxGivenBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxFiles = 64;  // of one model
constexpr std::size_t kMaxTold = 64;   // folders in the log
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

Error load_failure(std::string_view why, ErrorCode code = ErrorCode::kInvalidArgument) {
  return {code, fmt::format("Failed to load model: {}", why)};
}

// Looks at no more of them than fits.
Result<std::string> serialised(const json::object& params) {
  json::serializer serializer;
  serializer.reset(&params);
  std::string text(kMaxParams, '\0');
  text.resize(serializer.read(text.data(), text.size()).size());
  if (serializer.done()) return text;
  return fail(load_failure(fmt::format("model_params must be at most {} bytes of JSON", kMaxParams),
                           ErrorCode::kTooLarge));
}

// What the family says of a missing file, and what the resolver knows besides.
std::string say_missing(const std::string& message, std::string_view path, const Error& error) {
  const std::string known = fmt::format("Model file not found: {}", path);
  if (!error.message.starts_with(known)) return message;
  return message + error.message.substr(known.size());
}

bool same_files(const LoadOrder& one, const LoadOrder& other) {
  return std::ranges::equal(one.files, other.files, [](const auto& a, const auto& b) {
    return a->path == b->path && a->same_content_as(*b);
  });
}

std::uint64_t content_of(const LoadOrder& order) {
  std::string identity;
  for (const auto& file : order.files) {
    if (!file->fd) return 0;
    fmt::format_to(std::back_inserter(identity), "{} {} {} {};", file->device, file->inode,
                   file->size, file->modified);
  }
  return identity.empty() ? 0 : std::hash<std::string>{}(identity);
}

}  // namespace

ModelTable::ModelTable(store::Resolver resolver, std::string device_kind,
                       std::function<bool(const std::string&)> resident)
    : resolver_(std::move(resolver)),
      device_kind_(std::move(device_kind)),
      resident_(std::move(resident)) {}

ModelTable::SpecPtr ModelTable::Known::held() const {
  auto order = load.lock();
  if (!order) return nullptr;
  auto whole = std::make_shared<broker::ModelSpec>(spec);
  whole->load = std::move(order);
  return whole;
}

Result<ModelTable::SpecPtr> ModelTable::find(const ModelQuery& query) {
  const std::string name = fmt::format("{}:{}", query.type, query.path);
  if (name.size() > kMaxName) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("model_type and model_path must be at most {} bytes together, got {}",
                            kMaxName - 1, name.size() - 1));
  }
  Given given{.params = "{}"};
  if (query.params != nullptr) {
    auto text = serialised(*query.params);
    if (!text) return fail(text.error());
    given = {.params = std::move(*text), .hash = params_hash(*query.params)};
  } else if (const auto before = given_.find(name); before != given_.end()) {
    before->second.used = ++uses_;
    given = before->second;
  }
  std::string key = given.hash.empty() ? name : fmt::format("{}#{}", name, given.hash);

  const auto known = known_.find(key);
  SpecPtr spec = known == known_.end() ? nullptr : known->second.held();
  if (!spec || !resident_(key)) {
    auto fresh = make(query, given.params, std::move(key), spec ? spec->load : nullptr);
    if (!fresh) return fail(fresh.error());
    spec = std::move(*fresh);
    remember(*spec);
  }
  if (query.params != nullptr) remember(name, std::move(given));
  return spec;
}

void ModelTable::remember(const broker::ModelSpec& spec) {
  if (known_.size() >= known_limit_) {
    std::erase_if(known_, [](const auto& item) { return item.second.load.expired(); });
    known_limit_ = std::max(kFewKnown, 2 * known_.size());
  }
  Known& known = known_[spec.key];
  known = {spec, spec.load};
  known.spec.load.reset();
}

void ModelTable::remember(const std::string& name, Given given) {
  Given& entry = given_[name];
  given_bytes_ += given.params.size() - entry.params.size();
  entry = std::move(given);
  entry.used = ++uses_;
  if (given_.size() > kMaxGiven || given_bytes_ > kMaxGivenBytes) forget_given();
}

// The half of them that was not used for longest, where nobody holds the model.
void ModelTable::forget_given() {
  std::vector<std::pair<std::uint64_t, std::string>> unheld;
  for (const auto& [name, given] : given_) {
    if (given.used != uses_ && !is_held(name)) unheld.emplace_back(given.used, name);
  }
  std::ranges::sort(unheld);
  unheld.resize((unheld.size() + 1) / 2);
  for (const auto& [used, name] : unheld) {
    const auto entry = given_.find(name);
    given_bytes_ -= entry->second.params.size();
    given_.erase(entry);
  }
}

// The keys of a name begin with it, as may those of other names.
template <class Visit>
void ModelTable::for_each_held(const std::string& name, const Visit& visit) const {
  for (auto at = known_.lower_bound(name); at != known_.end() && at->first.starts_with(name);
       ++at) {
    const broker::ModelSpec& spec = at->second.spec;
    if (spec.type.size() + 1 + spec.path.size() != name.size()) continue;
    if (auto held = at->second.held()) visit(std::move(held));
  }
}

bool ModelTable::is_held(const std::string& name) const {
  bool held = false;
  for_each_held(name, [&](const SpecPtr&) { held = true; });
  return held;
}

std::vector<ModelTable::SpecPtr> ModelTable::variants(const std::string& type,
                                                      const std::string& path,
                                                      const json::object* params) const {
  std::vector<SpecPtr> found;
  if (params != nullptr && !serialised(*params)) return found;
  const std::string name = fmt::format("{}:{}", type, path);
  const std::string hash = params != nullptr ? params_hash(*params) : std::string();
  const std::string key = hash.empty() ? name : fmt::format("{}#{}", name, hash);
  for_each_held(name, [&](SpecPtr spec) {
    if (params == nullptr || spec->key == key) found.push_back(std::move(spec));
  });
  return found;
}

// held: the order of a variant that somebody holds, which stays that of the variant unless one of
// its files is another by now.
Result<ModelTable::SpecPtr> ModelTable::make(const ModelQuery& query, const std::string& params,
                                             std::string key, std::shared_ptr<const void> held) {
  const families::FamilyEntry* family = families::find_family(query.type);
  const bool own_file = family == nullptr || family->own_file;
  auto order = std::make_shared<LoadOrder>();
  std::uint64_t bytes = 0;
  if (own_file) {
    auto file = open_file(query.path, {});
    if (!file) return fail(file.error());
    bytes = file->size;
    order->files.push_back(share(std::move(*file)));
  }
  if (family == nullptr) return fail(load_failure("Unsupported model_type: " + query.type));
  const auto parsed = npu::json::parse(params);
  if (!parsed) return fail(parsed.error());
  const auto plan = family->make()->plan(query.path, parsed->get_object());
  if (!plan) return fail(load_failure(plan.error().message, plan.error().code));
  for (std::size_t i = own_file ? 1 : 0; i < plan->files.size(); ++i) {
    if (order->files.size() >= kMaxFiles) {
      return fail(load_failure(fmt::format("a model has at most {} files", kMaxFiles)));
    }
    const auto& planned = plan->files[i];
    auto file = open_file(planned.path, planned.missing_message);
    if (!file) return fail(file.error());
    bytes += file->size;
    order->files.push_back(share(std::move(*file)));
  }
  order->params = params;
  auto spec = std::make_shared<broker::ModelSpec>();
  spec->key = std::move(key);
  spec->type = query.type;
  spec->path = query.path;
  spec->lane = family->lane;
  spec->exclusive_group = family->exclusive_group;
  spec->memory_bound = memory_bound(bytes);
  spec->content = content_of(*order);
  const bool same = held && same_files(*std::static_pointer_cast<const LoadOrder>(held), *order);
  spec->load = same ? std::move(held) : std::move(order);
  return SpecPtr(std::move(spec));
}

// message: what to say where the file is not there; empty for the model's own file, whose errors
// are complete replies.
Result<store::OpenedFile> ModelTable::open_file(const std::string& path,
                                                const std::string& message) {
  auto file = resolver_.open(path);
  if (file) return file;
  const Error& error = file.error();
  if (error.code == ErrorCode::kPermission) {
    const std::string closed = store::closed_folder(path);
    if (!closed.empty() && told_.size() < kMaxTold && told_.insert(closed).second) {
      log::warning("{}", error.message);
    }
  }
  if (error.code == ErrorCode::kPermission || message.empty()) return file;
  const bool missing = error.code == ErrorCode::kNotFound;
  return fail(
      load_failure(missing ? say_missing(message, path, error) : error.message, error.code));
}

std::shared_ptr<store::OpenedFile> ModelTable::share(store::OpenedFile file) {
  std::erase_if(open_files_, [](const auto& open) { return open.expired(); });
  for (const auto& open : open_files_) {
    auto known = open.lock();
    if (known && file.fd && known->path == file.path && known->same_content_as(file)) return known;
  }
  auto shared = std::make_shared<store::OpenedFile>(std::move(file));
  if (shared->fd) open_files_.push_back(shared);
  return shared;
}

std::uint64_t ModelTable::memory_bound(std::uint64_t file_bytes) const {
  // A simulated model takes what its profile says, and most of their files are empty stand-ins.
  if (device_kind_ == "sim") return file_bytes >= kMiB ? file_bytes : 0;
  return device_kind_ == "onnx" ? file_bytes * 3 + 64 * kMiB : file_bytes * 2 + 16 * kMiB;
}

}  // namespace npu::manager
