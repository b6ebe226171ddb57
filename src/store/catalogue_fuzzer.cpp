// What is read of an entry is within the bounds that its header promises, whatever the text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/catalogue_entry.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_bounds(const npu::store::CatalogueFile& file) {
  require(!file.path.empty() && file.path.front() != '/' && file.path.front() != '.');
  require(file.path.find("/.") == std::string::npos);
  require(file.sha256.empty() || file.sha256.size() == 64);
  require(file.url.empty() || file.url.starts_with("http"));
  require(file.size <= (std::uint64_t{1} << 40));
  require(file.input.channels >= 1 && file.input.channels <= 4);
  for (const double divisor : file.input.std) require(divisor > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto entry = npu::store::parse_catalogue_entry(text);
  if (!entry) {
    require(!entry.error().message.empty());
    return 0;
  }
  require(!entry->name.empty() && !entry->family.empty() && entry->files.size() <= 16);
  for (const auto& [device, file] : entry->files) require_bounds(file);
  for (const auto& file : entry->side_files) require_bounds(file);
  return 0;
}
