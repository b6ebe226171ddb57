#include "description/label_list.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace npu {

std::optional<std::vector<std::string>> label_list(std::string_view text) {
  if (text.size() > kMaxLabelFileBytes || valid_utf8(text) != text) return std::nullopt;
  std::vector<std::string> labels;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    labels.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  if (labels.empty() || std::ranges::find(labels, "") != labels.end()) return std::nullopt;
  return labels;
}

}  // namespace npu
