#include "http/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "http/headers.hpp"

namespace npu::http {
namespace {

// Digits only; what is larger than any size is the largest one.
std::optional<std::size_t> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return std::numeric_limits<std::size_t>::max();
  return value;
}

}  // namespace

std::optional<ByteRange> byte_range(std::string_view field, std::size_t size) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos) return {};
  if (!equals_ignoring_case(trim(field.substr(0, equals)), "bytes")) return {};
  const auto spec = trim(field.substr(equals + 1));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  const auto from = trim(spec.substr(0, dash));
  const auto to = trim(spec.substr(dash + 1));
  if (from.empty()) {  // the last so many
    const auto last = number(to);
    if (!last) return {};
    const std::size_t length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  const auto first = number(from);
  const auto last = to.empty() ? std::numeric_limits<std::size_t>::max() : number(to);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return ByteRange{};
  return ByteRange{*first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace npu::http
