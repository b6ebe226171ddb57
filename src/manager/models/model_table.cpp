#include "manager/models/model_table.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "base/log.hpp"
#include "description/description_json.hpp"
#include "families/family.hpp"
#include "json/parse.hpp"
#include "manager/memory/payloads.hpp"
#include "manager/models/params_hash.hpp"
#include "store/closed_folder.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxName = 1024;   // type and path
constexpr std::size_t kMaxNames = 1024;  // of resident models
constexpr std::size_t kMaxParams = std::size_t{64} << 10;
constexpr std::size_t kMaxGiven = 2048;  // of models that nobody holds; two for each
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

// Without what a path can hold any number of. ".." stays: behind a link it leads elsewhere.
void append_tidied(std::string& text, std::string_view path) {
  const std::size_t at = text.size();
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (!part.empty() && part != ".") {
      if (text.size() > at || path.front() == '/') text += '/';
      text += part;
    }
    begin = end + 1;
  }
}

// Whatever name led to it.
std::string path_of(const store::OpenedFile& file) {
  std::string path;
  append_tidied(path, file.path);
  return path;
}

const LoadOrder& order_of(const broker::ModelSpec& spec) { return *spec.load; }

bool same_files(const LoadOrder& one, const LoadOrder& other) {
  const bool same = std::ranges::equal(one.files, other.files, [](const auto& a, const auto& b) {
    return a->path == b->path && a->same_content_as(*b);
  });
  return same && one.descriptions == other.descriptions;
}

std::uint64_t content_of(const LoadOrder& order) {
  std::string identity;
  for (const auto& file : order.files) {
    if (!file->fd) return 0;
    fmt::format_to(std::back_inserter(identity), "{} {} {} {};", file->device, file->inode,
                   file->size, file->modified);
  }
  for (const auto& description : order.descriptions) {
    if (!description.empty()) identity += json::serialize(description);
  }
  return identity.empty() ? 0 : std::hash<std::string>{}(identity);
}

}  // namespace

ModelTable::ModelTable(store::Resolver resolver, std::string device_kind,
                       std::function<bool(const std::string&)> resident)
    : resolver_(std::move(resolver)),
      device_kind_(std::move(device_kind)),
      resident_(std::move(resident)) {}

std::optional<broker::ModelSpec> ModelTable::Known::held() const {
  auto order = load.lock();
  if (!order) return std::nullopt;
  broker::ModelSpec whole = spec;
  whole.load = std::move(order);
  return whole;
}

Result<ModelTable::Name> ModelTable::name_of(const ModelQuery& query) {
  if (query.type.size() + query.path.size() > kMaxName) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("model_type and model_path must be at most {} bytes together, got {}",
                            kMaxName, query.type.size() + query.path.size()));
  }
  Name name;
  name.model.reserve(query.type.size() + 1 + query.path.size());
  name.model.append(query.type).append(1, ':');
  name.path_at = name.model.size();
  append_tidied(name.model, query.path);
  return name;
}

Result<broker::ModelSpec> ModelTable::find(const ModelQuery& query) {
  const auto name = name_of(query);
  if (!name) return fail(name.error());
  Given given{.params = "{}"};
  const Given* used = &given;
  if (query.params != nullptr) {
    auto text = serialised(*query.params);
    if (!text) return fail(text.error());
    given.params = std::move(*text);
    given.hash = params_hash(*query.params);
  } else if (const auto before = given_before(*name, query.user); before != given_.end()) {
    before->second.used = ++uses_;
    used = &before->second;
  }

  auto spec = known_by(*name, used->hash);
  if (!spec || !resident_(spec->key)) {
    auto made = make(query, *name, used->params);
    if (!made) return fail(made.error());
    spec = remember(std::move(*made));
    if (keys_.size() >= kMaxNames) keys_.clear();
    keys_.insert_or_assign({name->model, used->hash}, spec->key);
  }
  if (query.params != nullptr) {
    remember(*name, query.user, given);
    remember(*name, kAnybody, std::move(given));
  }
  return std::move(*spec);
}

// This user's if he gave any.
ModelTable::GivenBy::iterator ModelTable::given_before(const Name& name, std::int64_t user) {
  using Key = std::tuple<std::string_view, std::int64_t>;
  const auto own = given_.find(Key(name.model, user));
  return own != given_.end() ? own : given_.find(Key(name.model, kAnybody));
}

std::optional<broker::ModelSpec> ModelTable::known_by(const Name& name,
                                                      std::string_view params_hash) const {
  const auto key =
      keys_.find(std::tuple<std::string_view, std::string_view>(name.model, params_hash));
  if (key == keys_.end()) return std::nullopt;
  const auto known = known_.find(key->second);
  return known == known_.end() ? std::nullopt : known->second.held();
}

// One that is held stays as it is unless one of its files is another by now.
broker::ModelSpec ModelTable::remember(Made made) {
  if (known_.size() >= known_limit_) {
    std::erase_if(known_, [](const auto& item) { return item.second.load.expired(); });
    known_limit_ = std::max(kFewKnown, 2 * known_.size());
  }
  Known& known = known_[made.spec.key];
  if (auto held = known.held(); held && same_files(order_of(*held), order_of(made.spec))) {
    return std::move(*held);
  }
  known = {made.spec, made.spec.load, std::move(made.own_file)};
  known.spec.load.reset();
  return std::move(made.spec);
}

void ModelTable::remember(const Name& name, std::int64_t user, Given given) {
  Given& entry = given_[{name.model, user}];
  given_bytes_ += given.params.size() - entry.params.size();
  entry = std::move(given);
  entry.used = ++uses_;
  if (given_.size() > kMaxGiven || given_bytes_ > kMaxGivenBytes) forget_given();
}

// The half of them that was not used for longest, where nobody holds the model.
void ModelTable::forget_given() {
  std::set<std::string> held;
  for (const auto& [key, known] : known_) {
    if (!known.load.expired()) held.insert(known.spec.type + ":" + known.spec.path);
  }
  std::vector<GivenBy::iterator> unheld;
  for (auto entry = given_.begin(); entry != given_.end(); ++entry) {
    const auto& [by, given] = *entry;
    if (given.used != uses_ && !held.contains(std::get<0>(by))) unheld.push_back(entry);
  }
  std::ranges::sort(unheld, {}, [](const auto& entry) { return entry->second.used; });
  unheld.resize((unheld.size() + 1) / 2);
  for (const auto& entry : unheld) {
    given_bytes_ -= entry->second.params.size();
    given_.erase(entry);
  }
}

std::vector<broker::ModelSpec> ModelTable::variants(const ModelQuery& query) {
  std::vector<broker::ModelSpec> found;
  const auto name = name_of(query);
  if (!name) return found;
  if (query.params != nullptr) {
    const auto text = serialised(*query.params);
    auto spec = known_by(*name, params_hash(*query.params));
    if (!spec && text) {
      const auto made = make(query, *name, *text);
      const auto known = made ? known_.find(made->spec.key) : known_.end();
      if (known != known_.end()) spec = known->second.held();
    }
    if (spec) found.push_back(std::move(*spec));
    return found;
  }
  const auto* family = families::find_family(query.type);
  const bool own_file = family != nullptr && family->own_file;
  const auto file = own_file ? resolver_.open(query.path) : fail(ErrorCode::kNotFound, "");
  const std::string tidy = name->path();
  const std::string path = file ? path_of(*file) : tidy;
  for (const auto& [key, known] : known_) {
    if (known.spec.type != query.type) continue;
    if (known.spec.path != tidy && known.own_file != path) continue;
    if (auto held = known.held()) found.push_back(std::move(*held));
  }
  return found;
}

Result<ModelTable::Made> ModelTable::make(const ModelQuery& query, const Name& name,
                                          const std::string& params) {
  const families::FamilyEntry* family = families::find_family(query.type);
  const bool own_file = family == nullptr || family->own_file;
  auto order = std::make_shared<LoadOrder>();
  std::uint64_t bytes = 0;
  const auto add = [&](store::OpenedFile file) -> Status {
    auto described = resolver_.describe(file);
    if (!described) return fail(load_failure(described.error().message, described.error().code));
    order->descriptions.push_back(to_json(described->description));
    bytes += file.size;
    order->files.push_back(share(std::move(file)));
    return {};
  };
  if (own_file) {
    auto file = open_file(query.path, {});
    if (!file) return fail(file.error());
    if (const Status added = add(std::move(*file)); !added) return fail(added.error());
  }
  if (family == nullptr) return fail(load_failure("Unsupported model_type: " + query.type));
  const auto parsed = npu::json::parse(params);
  if (!parsed) return fail(parsed.error());
  const std::string path = name.path();
  auto plan = family->make()->plan(path, parsed->get_object());
  if (!plan) return fail(load_failure(plan.error().message, plan.error().code));
  for (std::size_t i = own_file ? 1 : 0; i < plan->files.size(); ++i) {
    if (order->files.size() >= kMaxFiles) {
      return fail(load_failure(fmt::format("a model has at most {} files", kMaxFiles)));
    }
    const auto& planned = plan->files[i];
    auto file = open_file(planned.path, planned.missing_message);
    if (!file) return fail(file.error());
    plan->variant[planned.role] = path_of(*file);
    if (const Status added = add(std::move(*file)); !added) return fail(added.error());
  }
  order->params = params;
  Made made{{}, own_file ? path_of(*order->files.front()) : path};
  broker::ModelSpec& spec = made.spec;
  spec.key = fmt::format("{}:{}", query.type, made.own_file);
  if (!plan->variant.empty()) spec.key += "#" + params_hash(plan->variant);
  spec.type = query.type;
  spec.path = path;
  spec.lane = family->lane;
  spec.exclusive_group = family->exclusive_group;
  spec.memory_bound = memory_bound(bytes);
  spec.content = content_of(*order);
  spec.load = std::move(order);
  return made;
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
