// Lists of classes' names, as files have them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npu {

inline constexpr std::size_t kMaxLabelFileBytes = std::size_t{1} << 20;

// The names, in the order of the classes: UTF-8, one a line, none empty; blank lines at the end are
// ignored. Nothing where the text is no such list, has no name or is too long.
std::optional<std::vector<std::string>> label_list(std::string_view text);

}  // namespace npu
