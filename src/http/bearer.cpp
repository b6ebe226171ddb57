#include "http/bearer.hpp"

namespace npu::http {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

bool BearerKeys::admits(const Headers& headers) const {
  if (!required()) return true;
  constexpr std::string_view kScheme = "Bearer ";
  const auto field = headers.get("Authorization");
  if (!field || field->size() < kScheme.size() ||
      !equals_ignoring_case(field->substr(0, kScheme.size()), kScheme)) {
    return false;
  }
  const auto given = trim(field->substr(kScheme.size()));
  bool found = false;
  for (const std::string& key : keys_) found |= equal_in_constant_time(key, given);
  return found;
}

}  // namespace npu::http
