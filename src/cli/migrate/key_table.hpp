// What each key of the Python project's configuration is called here, or why it is not.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli::migrate {

struct KeyRow {
  std::string from;  // ends with .* for a whole section
  std::string to;    // "" for none
  std::string why;   // where there is none
  // The value as we take it; its error says what would be right.
  std::function<Result<std::string>(const std::string&)> value;
  bool had_no_effect = false;  // there, and has one here
};

// Of a service that has a program here. The first row that fits counts.
const std::vector<KeyRow>& keys_of(std::string_view service);

}  // namespace npu::cli::migrate
