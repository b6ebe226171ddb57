#include "text/jinja/list_filters.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/jinja/error.hpp"
#include "text/jinja/texts.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

// value.a.b for "a.b"; a number is an index.
Value at_path(const Value& value, const Value& path) {
  if (path.text() == nullptr) return element_of(value, path);
  Value found = value;
  for (const Value& name : split(*path.text(), ".", kAll, false)) {
    const bool is_index =
        !name.text()->empty() && name.text()->size() < 10 &&
        std::ranges::all_of(*name.text(), [](char c) { return c >= '0' && c <= '9'; });
    found = is_index ? element_of(found, static_cast<std::int64_t>(std::stoll(*name.text())))
                     : attribute_of(found, *name.text());
  }
  return found;
}

// By what elements are compared: themselves or an attribute, texts without case.
Value key_of(const Value& element, const Arguments& arguments, std::size_t attribute_place,
             bool case_sensitive) {
  const Value* attribute = arguments.find(attribute_place, "attribute");
  Value key =
      attribute != nullptr && !attribute->is_none() ? at_path(element, *attribute) : element;
  if (!case_sensitive && key.text() != nullptr) return lowered(*key.text());
  return key;
}

Value filter_batch(Run& run, const Value& value, const Arguments& arguments) {
  const auto size = std::max<std::int64_t>(arguments.whole(0, "linecount", 1), 1);
  const Value* fill = arguments.find(1, "fill_with");
  List batches;
  List batch;
  for (const Value& element : elements_of(run, value)) {
    batch.push_back(element);
    if (static_cast<std::int64_t>(batch.size()) == size)
      batches.emplace_back(std::exchange(batch, {}));
  }
  if (!batch.empty()) {
    if (fill != nullptr) {
      run.spend_on(static_cast<std::size_t>(size));
      batch.resize(static_cast<std::size_t>(size), *fill);
    }
    batches.emplace_back(std::move(batch));
  }
  return batches;
}

Value filter_first(Run& run, const Value& value, const Arguments&) {
  const List elements = elements_of(run, value);
  return elements.empty() ? Value(Undefined{"the first of nothing"}) : elements.front();
}

Value filter_last(Run& run, const Value& value, const Arguments&) {
  const List elements = elements_of(run, value);
  return elements.empty() ? Value(Undefined{"the last of nothing"}) : elements.back();
}

Value filter_items(Run&, const Value& value, const Arguments&) {
  if (value.is_undefined()) return List{};
  if (value.dict() == nullptr) throw TemplateError("items of what has no keys");
  return items_of(*value.dict());
}

Value filter_dictsort(Run& run, const Value& value, const Arguments& arguments) {
  if (value.dict() == nullptr) throw TemplateError("dictsort of what has no keys");
  const bool case_sensitive = arguments.flag(0, "case_sensitive", false);
  const std::size_t by = arguments.text(1, "by", "key") == "value" ? 1 : 0;
  List items = items_of(*value.dict());
  std::ranges::stable_sort(items, [&](const Value& left, const Value& right) {
    const auto key = [&](const Value& item) {
      return key_of((*item.list())[by], {}, 0, case_sensitive);
    };
    return compare(run, key(left), key(right)) < 0;
  });
  if (arguments.flag(2, "reverse", false)) std::ranges::reverse(items);
  return items;
}

Value filter_join(Run& run, const Value& value, const Arguments& arguments) {
  const std::string between = arguments.text(0, "d", "");
  const Value* attribute = arguments.find(1, "attribute");
  std::string all;
  bool is_first = true;
  for (const Value& element : elements_of(run, value)) {
    if (!std::exchange(is_first, false)) all += between;
    all += str(run, attribute != nullptr ? at_path(element, *attribute) : element);
    run.check(all.size());
  }
  run.spend_on(all.size());
  return all;
}

Value filter_map(Run& run, const Value& value, const Arguments& arguments) {
  const Value* attribute = arguments.find(kAll, "attribute");
  List mapped;
  for (const Value& element : elements_of(run, value)) {
    run.spend();
    if (attribute != nullptr) {
      const Value found = at_path(element, *attribute);
      const Value* otherwise = arguments.find(kAll, "default");
      mapped.push_back(found.is_undefined() && otherwise != nullptr ? *otherwise : found);
      continue;
    }
    const std::string name = arguments.text(0, "filter", "");
    const Filter filter = find_filter(name);
    if (filter == nullptr) throw TemplateError(fmt::format("map: there is no filter {}", name));
    Arguments rest = arguments;
    rest.positional.erase(rest.positional.begin());
    mapped.push_back(run.deeper([&] { return filter(run, element, rest); }));
  }
  return mapped;
}

Value extreme(Run& run, const Value& value, const Arguments& arguments, int sign) {
  const List elements = elements_of(run, value);
  if (elements.empty()) return Undefined{"the largest or smallest of nothing"};
  const bool case_sensitive = arguments.flag(0, "case_sensitive", false);
  return *std::ranges::min_element(elements, [&](const Value& left, const Value& right) {
    return sign * compare(run, key_of(left, arguments, 1, case_sensitive),
                          key_of(right, arguments, 1, case_sensitive)) <
           0;
  });
}
Value filter_max(Run& run, const Value& value, const Arguments& arguments) {
  return extreme(run, value, arguments, -1);
}
Value filter_min(Run& run, const Value& value, const Arguments& arguments) {
  return extreme(run, value, arguments, 1);
}

Value filter_reverse(Run& run, const Value& value, const Arguments&) {
  List elements = elements_of(run, value);
  std::ranges::reverse(elements);
  if (value.text() == nullptr) return elements;
  std::string text;
  for (const Value& character : elements) text += *character.text();
  return text;
}

// by_attribute: the first argument is one of the elements'. wanted: which ones stay.
Value chosen(Run& run, const Value& value, const Arguments& arguments, bool by_attribute,
             bool wanted) {
  const std::size_t test_place = by_attribute ? 1 : 0;
  const Value* path = by_attribute ? arguments.find(0, "attr") : nullptr;
  if (by_attribute && path == nullptr) throw TemplateError("the name of an attribute is missing");
  Test test = nullptr;
  Arguments rest;
  if (arguments.positional.size() > test_place) {
    const std::string name = arguments.text(test_place, "test", "");
    test = find_test(name);
    if (test == nullptr) throw TemplateError(fmt::format("there is no test {}", name));
    rest.positional.assign(
        arguments.positional.begin() + static_cast<std::ptrdiff_t>(test_place) + 1,
        arguments.positional.end());
  }
  List kept;
  for (const Value& element : elements_of(run, value)) {
    run.spend();
    const Value looked = path != nullptr ? at_path(element, *path) : element;
    const bool holds = test != nullptr ? test(run, looked, rest) : looked.is_true();
    if (holds == wanted) kept.push_back(element);
  }
  return kept;
}
Value filter_select(Run& run, const Value& value, const Arguments& arguments) {
  return chosen(run, value, arguments, false, true);
}
Value filter_reject(Run& run, const Value& value, const Arguments& arguments) {
  return chosen(run, value, arguments, false, false);
}
Value filter_selectattr(Run& run, const Value& value, const Arguments& arguments) {
  return chosen(run, value, arguments, true, true);
}
Value filter_rejectattr(Run& run, const Value& value, const Arguments& arguments) {
  return chosen(run, value, arguments, true, false);
}

Value filter_sort(Run& run, const Value& value, const Arguments& arguments) {
  List elements = elements_of(run, value);
  const bool case_sensitive = arguments.flag(1, "case_sensitive", false);
  run.spend(elements.size());
  const auto before = [&](const Value& left, const Value& right) {
    return compare(run, key_of(left, arguments, 2, case_sensitive),
                   key_of(right, arguments, 2, case_sensitive)) < 0;
  };
  if (arguments.flag(0, "reverse", false)) {
    std::ranges::stable_sort(elements,
                             [&](const Value& a, const Value& b) { return before(b, a); });
  } else {
    std::ranges::stable_sort(elements, before);
  }
  return elements;
}

Value filter_sum(Run& run, const Value& value, const Arguments& arguments) {
  double sum = 0;
  bool whole = true;
  const Value* start = arguments.find(1, "start");
  List elements = elements_of(run, value);
  if (start != nullptr) elements.push_back(*start);
  for (const Value& element : elements) {
    const bool is_start = start != nullptr && &element == &elements.back();
    const Value number = is_start ? element : key_of(element, arguments, 0, true);
    if (!number.is_number()) throw TemplateError("sum of what is no number");
    whole = whole && number.is_whole();
    sum += number.number();
  }
  return whole ? Value(static_cast<std::int64_t>(sum)) : Value(sum);
}

Value filter_unique(Run& run, const Value& value, const Arguments& arguments) {
  const bool case_sensitive = arguments.flag(0, "case_sensitive", false);
  List kept;
  List seen;
  for (const Value& element : elements_of(run, value)) {
    Value key = key_of(element, arguments, 1, case_sensitive);
    const auto is_key = [&](const Value& one) { return equal(run, one, key); };
    if (std::ranges::any_of(seen, is_key)) continue;
    seen.push_back(std::move(key));
    kept.push_back(element);
  }
  return kept;
}

// [[key, elements], …] in the order of the keys; groups have names: grouper and list.
Value filter_groupby(Run& run, const Value& value, const Arguments& arguments) {
  List sorted = elements_of(run, value);
  const auto key = [&](const Value& element) { return key_of(element, arguments, 0, true); };
  std::ranges::stable_sort(sorted, [&](const Value& left, const Value& right) {
    return compare(run, key(left), key(right)) < 0;
  });
  List groups;
  for (std::size_t i = 0; i < sorted.size();) {
    List group;
    const Value of = key(sorted[i]);
    for (; i < sorted.size() && equal(run, key(sorted[i]), of); ++i) group.push_back(sorted[i]);
    groups.emplace_back(Tuple{{of, group}});
  }
  return groups;
}

constexpr std::array<std::pair<std::string_view, Filter>, 18> kListFilters{
    {{"batch", &filter_batch},
     {"dictsort", &filter_dictsort},
     {"first", &filter_first},
     {"groupby", &filter_groupby},
     {"items", &filter_items},
     {"join", &filter_join},
     {"last", &filter_last},
     {"map", &filter_map},
     {"max", &filter_max},
     {"min", &filter_min},
     {"reject", &filter_reject},
     {"rejectattr", &filter_rejectattr},
     {"reverse", &filter_reverse},
     {"select", &filter_select},
     {"selectattr", &filter_selectattr},
     {"sort", &filter_sort},
     {"sum", &filter_sum},
     {"unique", &filter_unique}}};

}  // namespace

Filter find_list_filter(std::string_view name) { return find_named(kListFilters, name); }

Value filter_length(Run&, const Value& value, const Arguments&) {
  if (const auto* text = value.text()) return length_of(*text);
  if (const auto* list = value.list()) return static_cast<std::int64_t>(list->size());
  if (const auto* dict = value.dict()) return static_cast<std::int64_t>(dict->size());
  if (value.is_undefined()) return std::int64_t{0};
  throw TemplateError(fmt::format("a value of type {} has no length", value.type_name()));
}

Value filter_list(Run& run, const Value& value, const Arguments&) {
  return elements_of(run, value);
}

List items_of(const Dict& dict) {
  List items;
  items.reserve(dict.size());
  for (const auto& [key, value] : dict.items()) items.emplace_back(Tuple{{Value(key), value}});
  return items;
}

}  // namespace npu::text::jinja
