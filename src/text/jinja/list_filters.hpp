// Filters for what has elements.
#pragma once

#include <string_view>

#include "text/jinja/builtins.hpp"

namespace npu::text::jinja {

Filter find_list_filter(std::string_view name);

Value filter_length(Run& run, const Value& value, const Arguments& arguments);
Value filter_list(Run& run, const Value& value, const Arguments& arguments);

// [(key, value), …]; what dict.items() and the filter of this name give.
List items_of(const Dict& dict);

}  // namespace npu::text::jinja
