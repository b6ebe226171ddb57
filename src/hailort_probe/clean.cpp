#include "hailort_probe/clean.hpp"

#include <cmath>

#include "base/utf8.hpp"

namespace npu::hailort_probe {
namespace json = boost::json;

json::value clean(const json::value& value) {
  if (value.is_string()) return json::value(valid_utf8(value.get_string()));
  if (value.is_double() && !std::isfinite(value.get_double())) return nullptr;
  if (value.is_array()) {
    json::array out;
    for (const auto& one : value.get_array()) out.push_back(clean(one));
    return out;
  }
  if (value.is_object()) {
    json::object out;
    for (const auto& [name, one] : value.get_object()) {
      out.insert_or_assign(valid_utf8(name), clean(one));
    }
    return out;
  }
  return value;
}

}  // namespace npu::hailort_probe
