// The request target: path and query, percent-decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>

namespace npu::http {

// In a query a plus is a space, and a % that two hexadecimal digits do not follow stands for
// itself.
enum class Percent { kPath, kQuery };

// Fails with kMalformed on a decoded NUL and, in a path, on a % without its digits.
Result<std::string> percent_decode(std::string_view text, Percent how = Percent::kPath);

// Decoded name=value pairs in order; names may repeat.
class Query {
 public:
  // text: what follows the question mark.
  static Result<Query> parse(std::string_view text);

  std::optional<std::string_view> get(std::string_view name) const;
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct TargetParts {
  std::string_view path;  // still encoded, begins with a slash
  std::string_view query;
};

// Takes origin form (/path?query) and absolute form (http://host/path?query); kMalformed otherwise.
Result<TargetParts> split_target(std::string_view target);

}  // namespace npu::http
