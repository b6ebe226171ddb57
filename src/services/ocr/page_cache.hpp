// Pages that were read, by the picture and what was asked about it: the same picture again is
// answered without a network. Used on the event loop.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "services/ocr/page.hpp"

namespace npu::ocr {

class PageCache {
 public:
  // bytes: about what the pages may take. ttl: how long one is kept, however often it is asked for.
  PageCache(std::size_t bytes, Duration ttl) : most_(bytes), ttl_(ttl) {}

  // nullptr: it is not there, or no longer.
  std::shared_ptr<const Page> find(const std::string& key, SteadyTime now);
  // Drops what was not asked for longest where there is no room.
  void add(const std::string& key, std::shared_ptr<const Page> page, SteadyTime now);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Page> page;
    std::size_t bytes = 0;
    SteadyTime until{};
  };
  using Entries = std::list<Entry>;

  void drop(Entries::iterator entry);

  std::size_t most_;
  Duration ttl_;
  std::size_t bytes_ = 0;
  Entries entries_;  // the one that was used last is the first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
};

}  // namespace npu::ocr
