#include "services/ocr/page_cache.hpp"

#include <iterator>
#include <utility>

namespace npu::ocr {
namespace {

std::size_t bytes_of(const std::string& key, const Page& page) {
  std::size_t bytes = sizeof(Page) + 2 * key.size();
  for (const Region& region : page.regions) {
    bytes += sizeof region + 2 * region.text.size() + sizeof(std::size_t);
    bytes += region.words.size() * (sizeof(Word) + 16);
  }
  return bytes;
}

}  // namespace

std::shared_ptr<const Page> PageCache::find(const std::string& key, SteadyTime now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->until <= now) {
    drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->page;
}

void PageCache::add(const std::string& key, std::shared_ptr<const Page> page, SteadyTime now) {
  if (const auto old = by_key_.find(key); old != by_key_.end()) drop(old->second);
  const std::size_t bytes = bytes_of(key, *page);
  if (bytes > most_) return;
  while (bytes_ + bytes > most_) drop(std::prev(entries_.end()));
  entries_.push_front({key, std::move(page), bytes, now + ttl_});
  by_key_[entries_.front().key] = entries_.begin();
  bytes_ += bytes;
}

void PageCache::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace npu::ocr
