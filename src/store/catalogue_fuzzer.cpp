// What is read of an entry is within the bounds that its header promises, whatever the text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/catalogue_entry.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_bounds(const npu::InputDescription& input) {
  const int channels = input.channels.value_or(1);
  require(channels >= 1 && channels <= npu::kMaxPictureChannels);
  for (const auto side : {input.width.value_or(1), input.height.value_or(1)}) {
    require(side >= 1 && side <= npu::kMaxPictureSide);
  }
  if (input.std) {
    for (const double divisor : *input.std) require(divisor > 0);
  }
}

void require_bounds(const npu::store::CatalogueFile& file) {
  require(!file.path.empty() && file.path.front() != '/' && file.path.front() != '.');
  require(file.path.find("/.") == std::string::npos);
  require(file.sha256.empty() || file.sha256.size() == 64);
  require(file.url.empty() || file.url.starts_with("http"));
  require(file.size <= (std::uint64_t{1} << 40));
  require_bounds(file.input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto entry = npu::store::parse_catalogue_entry(text);
  const auto beside = npu::store::parse_model_yaml(text);
  require(beside || !entry);  // it asks for no more
  if (beside) {
    require_bounds(beside->input);
    require(beside->label_names.size() <= npu::kMaxLabels);
  }
  if (!entry) {
    require(!entry.error().message.empty());
    return 0;
  }
  require(!entry->name.empty() && !entry->family.empty() && entry->files.size() <= 16);
  for (const auto& [device, file] : entry->files) require_bounds(file);
  for (const auto& file : entry->side_files) require_bounds(file);
  return 0;
}
