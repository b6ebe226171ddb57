// How values are looked into.
#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "text/jinja/builtins.hpp"
#include "text/jinja/error.hpp"

namespace npu::text::jinja {
namespace {

[[noreturn]] void refuse_undefined(const Value& value) {
  throw TemplateError(fmt::format("{} is undefined", value.as<Undefined>()->what));
}

// As Python counts: -1 is the last one.
std::optional<std::size_t> place_in(std::int64_t index, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (index < 0) index += count;
  if (index < 0 || index >= count) return std::nullopt;
  return static_cast<std::size_t>(index);
}

Value part_of(const Loop& loop, std::string_view name) {
  const auto index = static_cast<std::int64_t>(loop.index);
  const auto size = static_cast<std::int64_t>(loop.elements.size());
  if (name == "index") return index + 1;
  if (name == "index0") return index;
  if (name == "revindex") return size - index;
  if (name == "revindex0") return size - index - 1;
  if (name == "first") return index == 0;
  if (name == "last") return index + 1 == size;
  if (name == "length") return size;
  if (name == "depth") return std::int64_t{1};
  if (name == "depth0") return std::int64_t{0};
  if (name == "previtem" && index > 0) return loop.elements[loop.index - 1];
  if (name == "nextitem" && index + 1 < size) return loop.elements[loop.index + 1];
  return Undefined{std::string(name)};
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    characters.push_back(utf8_first(text));
    text.remove_prefix(characters.back().size());
  }
  return characters;
}

std::optional<Value> character_at(const std::string& text, std::int64_t index) {
  const std::vector<std::string_view> characters = characters_of(text);
  const auto at = place_in(index, characters.size());
  if (!at) return std::nullopt;
  return Value(std::string(characters[*at]));
}

}  // namespace

Value attribute_of(const Value& value, std::string_view name) {
  if (value.is_undefined()) refuse_undefined(value);
  if (const auto* loop = value.as<const Loop*>()) return part_of(**loop, name);
  const Value* found = nullptr;
  if (const auto* dict = value.dict()) found = dict->find(name);
  if (const auto* space = value.as<Namespace*>()) found = (*space)->members.find(name);
  return found != nullptr ? *found : Value(Undefined{std::string(name)});
}

Value element_of(const Value& value, const Value& key) {
  if (value.is_undefined()) refuse_undefined(value);
  if (key.text() != nullptr) return attribute_of(value, *key.text());
  if (key.is_whole()) {
    if (const auto* list = value.list()) {
      if (const auto at = place_in(key.whole(), list->size())) return (*list)[*at];
    } else if (const auto* text = value.text()) {
      if (auto character = character_at(*text, key.whole())) return *character;
    }
  }
  return Undefined{"the element"};
}

List elements_of(Run& run, const Value& value) {
  List elements;
  if (const auto* list = value.list()) {
    elements = *list;
  } else if (const auto* dict = value.dict()) {
    for (const auto& [key, element] : dict->items()) elements.emplace_back(key);
  } else if (const auto* text = value.text()) {
    for (const auto character : characters_of(*text)) elements.emplace_back(std::string(character));
  } else if (!value.is_undefined()) {
    throw TemplateError(fmt::format("a value of type {} has no elements", value.type_name()));
  }
  run.spend_on(elements.size());
  return elements;
}

}  // namespace npu::text::jinja
