#include "services/kit/model_set.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "services/kit/failures.hpp"

namespace npu::kit {
namespace asio = boost::asio;

struct ModelSet::Entry {
  Entry(const std::string& name, std::unique_ptr<Network> network)
      : model(name, std::move(network)) {}

  bool takes_room() const { return busy || model.loaded(); }

  Model model;
  bool busy = false;     // it is being loaded or given back
  bool leaving = false;  // as soon as nobody has it in use
  std::size_t leases = 0;
  std::uint64_t last_used = 0;  // ModelSet::uses_ of then
  std::uint64_t failures = 0;
  std::optional<Error> failure;
};

// Marks an entry while it is being loaded or given back; whatever way that ends, others are told.
class ModelSet::Busy {
 public:
  Busy(ModelSet& set, Entry& entry) : set_(set), entry_(entry) { entry_.busy = true; }
  ~Busy() {
    entry_.busy = false;
    set_.changed();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  ModelSet& set_;
  Entry& entry_;
};

// Somebody waits for room.
class ModelSet::Wait {
 public:
  explicit Wait(ModelSet& set) : set_(set) { ++set_.waiting_; }
  ~Wait() {
    if (--set_.waiting_ == 0) set_.changed();
  }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  ModelSet& set_;
};

ModelSet::Lease::Lease(ModelSet& set, Entry& entry) : set_(&set), entry_(&entry) {
  ++entry_->leases;
}

ModelSet::Lease::~Lease() {
  if (entry_ == nullptr) return;
  if (--entry_->leases == 0) set_->changed();
}

Model& ModelSet::Lease::operator*() const { return entry_->model; }

ModelSet::ModelSet(asio::any_io_executor executor, const std::vector<std::string>& names,
                   std::size_t max_loaded, const MakeNetwork& make_network)
    : max_loaded_(std::max<std::size_t>(max_loaded, 1)), changed_(executor) {
  changed_.expires_at(asio::steady_timer::time_point::max());
  for (const std::string& name : names) entries_.emplace_back(name, make_network(name));
}

ModelSet::~ModelSet() = default;

awaitable<Result<ModelSet::Lease>> ModelSet::use(std::string name) {
  Entry* entry = find(name);
  if (entry == nullptr) {
    co_return fail(ErrorCode::kNotFound,
                   fmt::format("there is no model '{}'; there are {}", utf8_prefix(name, 64),
                               fmt::join(names(), ", ")));
  }
  const std::uint64_t failures = entry->failures;
  for (;;) {
    if (entry->failures != failures) co_return fail(error_for_client(*entry->failure));
    if (may_use(*entry)) {
      entry->leaving = false;
      entry->last_used = ++uses_;
      co_return Lease(*this, *entry);
    }
    if (entry->busy || entry->model.loaded()) {
      co_await wait_for_change();
    } else if (has_room()) {
      const Status loaded = co_await load(*entry);
      if (!loaded) co_return fail(error_for_client(loaded.error()));
    } else if (Entry* unused = oldest(true); unused != nullptr) {
      const Busy busy(*this, *unused);
      co_await unused->model.release();
      unused->leaving = false;
    } else {
      const Wait wait(*this);
      let_one_leave();
      co_await wait_for_change();
    }
  }
}

awaitable<Status> ModelSet::load(Entry& entry) {
  const Busy busy(*this, entry);
  Status loaded = co_await entry.model.load();
  // One that left with its request is no failure of the model: the next in line loads it.
  if (!loaded && loaded.error().code != ErrorCode::kCancelled) {
    ++entry.failures;
    entry.failure = loaded.error();
  }
  co_return loaded;
}

ModelSet::Entry* ModelSet::find(const std::string& name) {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.model.name() == name; });
  return found == entries_.end() ? nullptr : &*found;
}

bool ModelSet::may_use(const Entry& entry) const {
  return entry.model.loaded() && !entry.busy && !(entry.leaving && waiting_ > 0);
}

bool ModelSet::has_room() const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, &Entry::takes_room)) <
         max_loaded_;
}

ModelSet::Entry* ModelSet::oldest(bool unused) {
  Entry* found = nullptr;
  for (Entry& entry : entries_) {
    if (entry.busy || !entry.model.loaded() || (unused && entry.leases > 0)) continue;
    if (found == nullptr || entry.last_used < found->last_used) found = &entry;
  }
  return found;
}

void ModelSet::let_one_leave() {
  const auto leaves = [](const Entry& entry) { return entry.leaving && entry.model.loaded(); };
  if (std::ranges::any_of(entries_, leaves)) return;
  if (Entry* entry = oldest(false); entry != nullptr) entry->leaving = true;
}

awaitable<void> ModelSet::wait_for_change() {
  (void)co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::vector<std::string> ModelSet::names() const {
  std::vector<std::string> out(entries_.size());
  std::ranges::transform(entries_, out.begin(),
                         [](const Entry& entry) { return entry.model.name(); });
  return out;
}

std::vector<std::string> ModelSet::loaded() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) {
    if (entry.model.loaded()) out.push_back(entry.model.name());
  }
  return out;
}

awaitable<void> ModelSet::release() {
  for (Entry& entry : entries_) co_await entry.model.release();
}

}  // namespace npu::kit
