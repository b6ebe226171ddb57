// Several models of one service, loaded when they are asked for, and only so many at a time.
//
//   auto model = co_await models.use(name);               // loads it where need be
//   if (!model) co_return fail(model.error());
//   auto output = co_await (*model)->infer(input, request);
//
// Where there is no room for one more, the one that was used longest ago and is not in use is given
// back first; where all are in use, that one takes no further users until it is given back, and
// whoever comes waits. What waits is cancelled with its request. Requests for a model that is being
// loaded share that load, and its failure. Used on the event loop only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "services/kit/model.hpp"

namespace npu::kit {

class ModelSet {
  struct Entry;

 public:
  using MakeNetwork = std::function<std::unique_ptr<Network>(const std::string& name)>;

  // names: of all models, unique. max_loaded: at least 1.
  ModelSet(boost::asio::any_io_executor executor, const std::vector<std::string>& names,
           std::size_t max_loaded, const MakeNetwork& make_network);
  ~ModelSet();
  ModelSet(const ModelSet&) = delete;
  ModelSet& operator=(const ModelSet&) = delete;

  // A model in use: while it lives, the model is not given back. Move-only; the set outlives it.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : set_(other.set_), entry_(std::exchange(other.entry_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(set_, other.set_);
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Lease();

    Model& operator*() const;
    Model* operator->() const { return &**this; }

   private:
    friend class ModelSet;
    Lease(ModelSet& set, Entry& entry);

    ModelSet* set_;
    Entry* entry_;
  };

  // Fails with kNotFound, which names those that there are, or as loading fails, in words for the
  // client. Who has one in use and asks for another may wait for himself, if max_loaded is 1.
  awaitable<Result<Lease>> use(std::string name);

  std::vector<std::string> names() const;
  std::vector<std::string> loaded() const;

  // Gives all back.
  awaitable<void> release();

 private:
  class Busy;
  class Wait;

  Entry* find(const std::string& name);
  bool may_use(const Entry& entry) const;
  bool has_room() const;
  // That was used longest ago, of those that are loaded.
  Entry* oldest(bool unused);
  void let_one_leave();
  awaitable<Status> load(Entry& entry);
  awaitable<void> wait_for_change();
  void changed() { changed_.cancel(); }

  std::deque<Entry> entries_;
  std::size_t max_loaded_;
  std::uint64_t uses_ = 0;
  std::size_t waiting_ = 0;            // for room
  boost::asio::steady_timer changed_;  // is cancelled with each change
};

}  // namespace npu::kit
