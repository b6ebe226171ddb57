// What templates can use without defining it: filters, tests, methods of values, functions.
#pragma once

#include <string_view>

#include "text/jinja/run.hpp"

namespace npu::text::jinja {

using Filter = Value (*)(Run& run, const Value& value, const Arguments& arguments);
using Test = bool (*)(Run& run, const Value& value, const Arguments& arguments);

// What a table has under a name; nullptr where it has nothing.
template <class Table>
typename Table::value_type::second_type find_named(const Table& table, std::string_view name) {
  for (const auto& [known, what] : table) {
    if (known == name) return what;
  }
  return nullptr;
}

// nullptr where there is none of that name.
Filter find_filter(std::string_view name);
Test find_test(std::string_view name);
const Callable* find_function(std::string_view name);

// "abc".upper(), {}.items(); throws TemplateError where there is no such method.
Value call_method(Run& run, const Value& value, std::string_view name, const Arguments& arguments);

// value[key] or value.key; undefined where it is not there. Throws where value is undefined.
Value element_of(const Value& value, const Value& key);
Value attribute_of(const Value& value, std::string_view name);

// What a loop goes through: elements, keys, characters. Throws for what has none.
List elements_of(Run& run, const Value& value);

}  // namespace npu::text::jinja
