#include "same_answer.hpp"

#include <cmath>
#include <cstddef>
#include <string_view>

namespace npu::bench {
namespace {

namespace bj = boost::json;

struct Tolerance {
  double absolute;
  double relative;
};
constexpr Tolerance kPixels{1, 0.002};
constexpr Tolerance kConfidence{0.001, 0};

bool same(const bj::value& ours, const bj::value& theirs, const Tolerance& tolerance);

bool same_object(const bj::object& ours, const bj::object& theirs) {
  if (ours.size() != theirs.size()) return false;
  for (const auto& member : ours) {
    const std::string_view key = member.key();
    const bj::value* const other = theirs.if_contains(key);
    if (other == nullptr) return false;
    if (key == "counts" || key == "inference_time_ms") continue;
    if (!same(member.value(), *other, key.ends_with("confidence") ? kConfidence : kPixels)) {
      return false;
    }
  }
  return true;
}

bool same_array(const bj::array& ours, const bj::array& theirs) {
  if (ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!same(ours[i], theirs[i], kPixels)) return false;
  }
  return true;
}

bool same(const bj::value& ours, const bj::value& theirs, const Tolerance& tolerance) {
  if (ours.is_object() && theirs.is_object()) {
    return same_object(ours.get_object(), theirs.get_object());
  }
  if (ours.is_array() && theirs.is_array()) return same_array(ours.get_array(), theirs.get_array());
  if (!ours.is_number() || !theirs.is_number()) return ours == theirs;
  const auto number = ours.to_number<double>();
  const double off = std::abs(number - theirs.to_number<double>());
  return off <= tolerance.absolute + tolerance.relative * std::abs(number);
}

}  // namespace

bool same_answer(const bj::value& ours, const bj::value& theirs) {
  return same(ours, theirs, kPixels);
}

}  // namespace npu::bench
