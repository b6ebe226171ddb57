// What a stop filter passes on depends on the text alone: not on how it comes in pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "text/stop_filter.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The first string to be complete, the longest of several.
std::string expected(std::string_view text, const std::vector<std::string>& stops) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    std::size_t longest = 0;
    for (const auto& stop : stops) {
      if (text.substr(0, end).ends_with(stop)) longest = std::max(longest, stop.size());
    }
    if (longest > 0) return std::string(text.substr(0, end - longest));
  }
  return std::string(text);
}

}  // namespace

// Lines: the first is the text, the others are stop strings. The last byte is the pieces' length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 512) return 0;
  const std::size_t step = 1 + data[size - 1] % 7U;
  std::string_view rest(reinterpret_cast<const char*>(data), size - 1);
  std::vector<std::string> lines;
  for (;;) {
    const auto end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  const std::string text = lines.front();
  lines.erase(lines.begin());

  npu::text::StopFilter filter(lines);
  std::string said;
  for (std::size_t at = 0; at < text.size() && !filter.stopped_by(); at += step) {
    said += filter.push(std::string_view(text).substr(at, step));
    require(text.starts_with(said));
  }
  said += filter.finish();
  require(said == expected(text, lines));
  require(filter.stopped_by().has_value() == (said != text));
  return 0;
}
