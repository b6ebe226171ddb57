// What "is" asks.
#include <algorithm>
#include <array>

#include "text/jinja/builtins.hpp"
#include "text/jinja/error.hpp"
#include "text/jinja/texts.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

const Value& operand(const Arguments& arguments) {
  if (arguments.positional.empty()) throw TemplateError("a test needs something to compare with");
  return arguments.positional.front();
}

std::int64_t whole_of(const Value& value) {
  if (!value.is_whole()) throw TemplateError("only whole numbers are odd, even or divisible");
  return value.whole();
}

bool is_defined(Run&, const Value& value, const Arguments&) { return !value.is_undefined(); }
bool is_undefined(Run&, const Value& value, const Arguments&) { return value.is_undefined(); }
bool is_none(Run&, const Value& value, const Arguments&) { return value.is_none(); }
bool is_boolean(Run&, const Value& value, const Arguments&) { return value.as<bool>() != nullptr; }
bool is_true(Run&, const Value& value, const Arguments&) {
  return value.as<bool>() != nullptr && *value.as<bool>();
}
bool is_false(Run&, const Value& value, const Arguments&) {
  return value.as<bool>() != nullptr && !*value.as<bool>();
}
bool is_integer(Run&, const Value& value, const Arguments&) {
  return value.as<std::int64_t>() != nullptr;
}
bool is_float(Run&, const Value& value, const Arguments&) { return value.as<double>() != nullptr; }
bool is_number(Run&, const Value& value, const Arguments&) { return value.is_number(); }
bool is_string(Run&, const Value& value, const Arguments&) { return value.text() != nullptr; }
bool is_mapping(Run&, const Value& value, const Arguments&) { return value.dict() != nullptr; }
bool has_elements(Run&, const Value& value, const Arguments&) {
  return value.text() != nullptr || value.list() != nullptr || value.dict() != nullptr ||
         value.is_undefined();
}
bool is_callable(Run&, const Value& value, const Arguments&) {
  return value.as<const Callable*>() != nullptr;
}
bool is_odd(Run&, const Value& value, const Arguments&) { return whole_of(value) % 2 != 0; }
bool is_even(Run&, const Value& value, const Arguments&) { return whole_of(value) % 2 == 0; }
bool is_divisible(Run&, const Value& value, const Arguments& arguments) {
  const std::int64_t by = whole_of(operand(arguments));
  if (by == 0) throw TemplateError("division by zero");
  return by == -1 || whole_of(value) % by == 0;
}
bool is_lower(Run& run, const Value& value, const Arguments&) {
  const std::string text = str(run, value);
  return text == lowered(text) && text != uppered(text);
}
bool is_upper(Run& run, const Value& value, const Arguments&) {
  const std::string text = str(run, value);
  return text == uppered(text) && text != lowered(text);
}
bool is_equal(Run& run, const Value& value, const Arguments& arguments) {
  return equal(run, value, operand(arguments));
}
bool is_unequal(Run& run, const Value& value, const Arguments& arguments) {
  return !equal(run, value, operand(arguments));
}
bool is_same(Run& run, const Value& value, const Arguments& arguments) {
  return value.type_name() == operand(arguments).type_name() &&
         equal(run, value, operand(arguments));
}
bool is_greater(Run& run, const Value& value, const Arguments& arguments) {
  return compare(run, value, operand(arguments)) > 0;
}
bool is_at_least(Run& run, const Value& value, const Arguments& arguments) {
  return compare(run, value, operand(arguments)) >= 0;
}
bool is_less(Run& run, const Value& value, const Arguments& arguments) {
  return compare(run, value, operand(arguments)) < 0;
}
bool is_at_most(Run& run, const Value& value, const Arguments& arguments) {
  return compare(run, value, operand(arguments)) <= 0;
}
bool is_in(Run& run, const Value& value, const Arguments& arguments) {
  return contains(run, operand(arguments), value);
}

constexpr std::array<std::pair<std::string_view, Test>, 33> kTests{{{"boolean", &is_boolean},
                                                                    {"callable", &is_callable},
                                                                    {"defined", &is_defined},
                                                                    {"divisibleby", &is_divisible},
                                                                    {"eq", &is_equal},
                                                                    {"equalto", &is_equal},
                                                                    {"even", &is_even},
                                                                    {"false", &is_false},
                                                                    {"float", &is_float},
                                                                    {"ge", &is_at_least},
                                                                    {"greaterthan", &is_greater},
                                                                    {"gt", &is_greater},
                                                                    {"in", &is_in},
                                                                    {"integer", &is_integer},
                                                                    {"iterable", &has_elements},
                                                                    {"le", &is_at_most},
                                                                    {"lessthan", &is_less},
                                                                    {"lower", &is_lower},
                                                                    {"lt", &is_less},
                                                                    {"mapping", &is_mapping},
                                                                    {"ne", &is_unequal},
                                                                    {"none", &is_none},
                                                                    {"None", &is_none},
                                                                    {"number", &is_number},
                                                                    {"odd", &is_odd},
                                                                    {"sameas", &is_same},
                                                                    {"sequence", &has_elements},
                                                                    {"string", &is_string},
                                                                    {"true", &is_true},
                                                                    {"undefined", &is_undefined},
                                                                    {"upper", &is_upper},
                                                                    {"==", &is_equal},
                                                                    {"!=", &is_unequal}}};

}  // namespace

Test find_test(std::string_view name) { return find_named(kTests, name); }

}  // namespace npu::text::jinja
