#include "device/hailort/hef/hef_description.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace npu::device::hailort {
namespace json = boost::json;

// After a line "Operation:" each operation is "Op <type>" and lines "<name>: <value>", up to the
// next network group.
json::object read_description(const std::string& text) {
  constexpr std::string_view kBetween = ": ";
  json::value compiler;
  json::array operations;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    const auto colon = line.find(kBetween);
    const std::string name = line.substr(0, colon);
    const std::string value =
        colon == std::string::npos ? std::string() : line.substr(colon + kBetween.size());
    if (name == "HEF Compiler Version") compiler = value;
    if (name == "Network group name") inside = false;
    if (line.starts_with("Operation:")) {
      inside = true;
    } else if (inside && line.starts_with("Op ")) {
      operations.push_back(json::object{{"operation", line.substr(3)}});
    } else if (inside && !value.empty() && !operations.empty()) {
      operations.back().as_object()[name] = value;
    }
  }
  return {{"compiler", std::move(compiler)}, {"operations", std::move(operations)}};
}

}  // namespace npu::device::hailort
