// Optional API keys: Authorization: Bearer <key>.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/headers.hpp"

namespace npu::http {

// Takes the same time wherever the first difference lies. Lengths are not hidden.
bool equal_in_constant_time(std::string_view a, std::string_view b);

class BearerKeys {
 public:
  explicit BearerKeys(std::vector<std::string> keys = {}) : keys_(std::move(keys)) {}
  bool required() const { return !keys_.empty(); }
  // True where no key is required or the request carries one of them.
  bool admits(const Headers& headers) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace npu::http
