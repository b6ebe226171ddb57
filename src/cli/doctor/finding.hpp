// What the doctor says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::cli {

enum class Level { kGood, kWarning, kError };
std::string_view name_of(Level level);  // "ok", "warning", "error"

struct Finding {
  std::string check;  // what was looked at, for scripts: "driver.version"
  Level level = Level::kGood;
  std::string what;
  std::string advice = {};  // lines; "" where all is well
};
using Findings = std::vector<Finding>;

}  // namespace npu::cli
