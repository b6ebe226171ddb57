// Methods of texts, dicts and lists, as Python has them.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/jinja/builtins.hpp"
#include "text/jinja/error.hpp"
#include "text/jinja/list_filters.hpp"
#include "text/jinja/texts.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

using TextMethod = Value (*)(Run& run, const std::string& text, const Arguments& arguments);

// A text, or a list of which one is enough.
template <class Is>
bool any_of(const Arguments& arguments, Is is) {
  const Value* given = arguments.find(0, "prefix");
  if (given != nullptr && given->list() != nullptr) {
    return std::ranges::any_of(
        *given->list(), [&](const Value& one) { return one.text() != nullptr && is(*one.text()); });
  }
  return is(arguments.text(0, "prefix", ""));
}

Value split_method(Run& run, const std::string& text, const Arguments& arguments, bool right) {
  const Value* separator = arguments.find(0, "sep");
  if (separator != nullptr && separator->text() != nullptr && separator->text()->empty()) {
    throw TemplateError("split needs a separator that is not empty");
  }
  List parts = split(text, arguments.text(0, "sep", ""), arguments.whole(1, "maxsplit", -1), right);
  run.spend_on(parts.size());
  return parts;
}

Value strip_method(const std::string& text, const Arguments& arguments, Ends ends) {
  return std::string(stripped(text, ends, arguments.text(0, "chars", "")));
}

template <bool (*kIs)(char32_t)>
Value all_are(Run&, const std::string& text, const Arguments&) {
  if (text.empty()) return false;
  for (std::string_view rest = text; !rest.empty();) {
    if (!kIs(take_character(rest))) return false;
  }
  return true;
}

bool is_alphanumeric(char32_t c) { return is_letter(c) || is_number(c); }
bool is_no_letter(char32_t c) { return !is_letter(c); }

constexpr std::array<std::pair<std::string_view, TextMethod>, 26> kTextMethods{{
    {"strip", [](Run&, const std::string& text,
                 const Arguments& a) { return strip_method(text, a, Ends::kBoth); }},
    {"lstrip", [](Run&, const std::string& text,
                  const Arguments& a) { return strip_method(text, a, Ends::kLeft); }},
    {"rstrip", [](Run&, const std::string& text,
                  const Arguments& a) { return strip_method(text, a, Ends::kRight); }},
    {"split", [](Run& run, const std::string& text,
                 const Arguments& a) { return split_method(run, text, a, false); }},
    {"rsplit", [](Run& run, const std::string& text,
                  const Arguments& a) { return split_method(run, text, a, true); }},
    {"splitlines",
     [](Run&, const std::string& text, const Arguments&) { return Value(lines_of(text)); }},
    {"lower", [](Run&, const std::string& text, const Arguments&) { return Value(lowered(text)); }},
    {"upper", [](Run&, const std::string& text, const Arguments&) { return Value(uppered(text)); }},
    {"capitalize",
     [](Run&, const std::string& text, const Arguments&) { return Value(capitalised(text)); }},
    {"title", [](Run&, const std::string& text,
                 const Arguments&) { return Value(titled(text, &is_no_letter)); }},
    {"startswith",
     [](Run&, const std::string& text, const Arguments& a) {
       return Value(any_of(a, [&](const std::string& part) { return text.starts_with(part); }));
     }},
    {"endswith",
     [](Run&, const std::string& text, const Arguments& a) {
       return Value(any_of(a, [&](const std::string& part) { return text.ends_with(part); }));
     }},
    {"removeprefix",
     [](Run&, const std::string& text, const Arguments& a) {
       const std::string part = a.text(0, "prefix", "");
       return Value(text.starts_with(part) ? text.substr(part.size()) : text);
     }},
    {"removesuffix",
     [](Run&, const std::string& text, const Arguments& a) {
       const std::string part = a.text(0, "suffix", "");
       return Value(text.ends_with(part) ? text.substr(0, text.size() - part.size()) : text);
     }},
    {"replace",
     [](Run& run, const std::string& text, const Arguments& a) {
       std::string result =
           replaced(run, text, a.text(0, "old", ""), a.text(1, "new", ""), a.whole(2, "count", -1));
       run.spend_on(result.size());
       return Value(std::move(result));
     }},
    {"find",
     [](Run&, const std::string& text, const Arguments& a) {
       const auto at = text.find(a.text(0, "sub", ""));
       return Value(at == std::string::npos ? std::int64_t{-1}
                                            : length_of(std::string_view(text).substr(0, at)));
     }},
    {"rfind",
     [](Run&, const std::string& text, const Arguments& a) {
       const auto at = text.rfind(a.text(0, "sub", ""));
       return Value(at == std::string::npos ? std::int64_t{-1}
                                            : length_of(std::string_view(text).substr(0, at)));
     }},
    {"count",
     [](Run&, const std::string& text, const Arguments& a) {
       return Value(
           static_cast<std::int64_t>(split(text, a.text(0, "sub", " "), kAll, false).size()) - 1);
     }},
    {"join",
     [](Run& run, const std::string& text, const Arguments& a) {
       Arguments with{.positional = {Value(text)}, .named = {}};
       return find_filter("join")(run, a.positional.empty() ? Value(List{}) : a.positional.front(),
                                  with);
     }},
    {"isdigit", &all_are<&is_number>},
    {"isnumeric", &all_are<&is_number>},
    {"isalpha", &all_are<&is_letter>},
    {"isalnum", &all_are<&is_alphanumeric>},
    {"isspace", &all_are<&is_white_space>},
    {"isupper", [](Run& run, const std::string& text,
                   const Arguments& a) { return Value(find_test("upper")(run, Value(text), a)); }},
    {"islower", [](Run& run, const std::string& text,
                   const Arguments& a) { return Value(find_test("lower")(run, Value(text), a)); }},
}};

std::optional<Value> call_dict_method(const Dict& dict, std::string_view name,
                                      const Arguments& arguments) {
  if (name == "items") return Value(items_of(dict));
  if (name == "get") {
    const Value* key = arguments.find(0, "key");
    const Value* found =
        key != nullptr && key->text() != nullptr ? dict.find(*key->text()) : nullptr;
    if (found != nullptr) return *found;
    const Value* otherwise = arguments.find(1, "default");
    return otherwise != nullptr ? *otherwise : Value();
  }
  if (name != "keys" && name != "values") return std::nullopt;
  List all;
  for (const auto& [key, value] : dict.items()) all.push_back(name == "keys" ? Value(key) : value);
  return Value(std::move(all));
}

std::optional<Value> call_list_method(Run& run, const List& list, std::string_view name,
                                      const Arguments& arguments) {
  if (arguments.positional.size() != 1) return std::nullopt;
  const auto is_wanted = [&](const Value& one) {
    return equal(run, one, arguments.positional.front());
  };
  if (name == "count")
    return Value(static_cast<std::int64_t>(std::ranges::count_if(list, is_wanted)));
  if (name != "index") return std::nullopt;
  const auto found = std::ranges::find_if(list, is_wanted);
  if (found == list.end()) throw TemplateError("index of what is not in the list");
  return Value(static_cast<std::int64_t>(found - list.begin()));
}

}  // namespace

Value call_method(Run& run, const Value& value, std::string_view name, const Arguments& arguments) {
  std::optional<Value> result;
  if (const auto* text = value.text()) {
    const TextMethod method = find_named(kTextMethods, name);
    if (method != nullptr) result = method(run, *text, arguments);
  } else if (const auto* dict = value.dict()) {
    result = call_dict_method(*dict, name, arguments);
  } else if (const auto* list = value.list()) {
    result = call_list_method(run, *list, name, arguments);
  }
  if (const auto* loop = value.as<const Loop*>()) {
    const List& given = arguments.positional;
    if (name == "cycle" && !given.empty()) result = given[(*loop)->index % given.size()];
  }
  if (result) {
    if (result->text() != nullptr) run.spend_on(result->text()->size());
    if (result->list() != nullptr) run.spend_on(result->list()->size());
    return std::move(*result);
  }
  throw TemplateError(fmt::format("a value of type {} has no method {}", value.type_name(), name));
}

}  // namespace npu::text::jinja
