// What Python's json module writes although no standard allows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace npu::json {

struct Mended {
  std::string text;
  bool numbers = false;  // NaN, Infinity or -Infinity stood where a number may stand
};

// A copy of text in which the escape of each lone UTF-16 surrogate is that of U+FFFD, and NaN and
// Infinity are 0, in as many bytes as before. Nothing where there is none of them. What else may be
// wrong with the text stays as it is.
std::optional<Mended> mend(std::string_view text);

}  // namespace npu::json
