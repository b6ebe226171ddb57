// Vectors of texts that were encoded before: of so many, those used last. Used on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/clip/vectors.hpp"

namespace npu::clip {

class TextCache {
 public:
  // entries: 0 keeps none.
  explicit TextCache(std::size_t entries) : entries_(entries) {}

  // nullptr: it is not there. Valid until the next put() or clear().
  const Vector* get(std::string_view key);
  void put(std::string key, Vector vector);
  void clear();

  std::size_t size() const { return places_.size(); }
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

 private:
  struct Entry {
    std::string key;
    Vector vector;
  };

  std::size_t entries_;
  std::list<Entry> order_;  // the one used last first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace npu::clip
