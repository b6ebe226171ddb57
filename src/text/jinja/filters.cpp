// Filters for single values; those for lists are in list_filters.cpp.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "text/jinja/builtins.hpp"
#include "text/jinja/error.hpp"
#include "text/jinja/list_filters.hpp"
#include "text/jinja/texts.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

Value filter_abs(Run&, const Value& value, const Arguments&) {
  if (value.is_whole()) return value.whole() < 0 ? -value.whole() : value.whole();
  return std::fabs(value.number());
}

Value filter_capitalize(Run& run, const Value& value, const Arguments&) {
  return capitalised(str(run, value));
}

Value filter_center(Run& run, const Value& value, const Arguments& arguments) {
  const std::string text = str(run, value);
  const std::int64_t space =
      std::max<std::int64_t>(arguments.whole(0, "width", 80) - length_of(text), 0);
  run.spend_on(static_cast<std::size_t>(space));
  // The odd one goes where Python puts it.
  const std::int64_t left = space / 2 + (space & arguments.whole(0, "width", 80) & 1);
  return std::string(static_cast<std::size_t>(left), ' ') + text +
         std::string(static_cast<std::size_t>(space - left), ' ');
}

Value filter_default(Run&, const Value& value, const Arguments& arguments) {
  const bool absent =
      value.is_undefined() || (arguments.flag(1, "boolean", false) && !value.is_true());
  if (!absent) return value;
  const Value* otherwise = arguments.find(0, "default_value");
  return otherwise != nullptr ? *otherwise : Value(std::string());
}

Value filter_escape(Run& run, const Value& value, const Arguments&) {
  std::string result;
  for (const char c : str(run, value)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '\'': result += "&#39;"; break;
      case '"': result += "&#34;"; break;
      default: result += c;
    }
  }
  run.spend_on(result.size());
  return result;
}

// The number that a text is, as far as all of it is one.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  text = stripped(text, Ends::kBoth);
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

Value filter_float(Run&, const Value& value, const Arguments& arguments) {
  if (value.is_number()) return value.number();
  const auto number = value.text() != nullptr ? number_of<double>(*value.text()) : std::nullopt;
  if (number) return *number;
  const Value* otherwise = arguments.find(0, "default");
  return otherwise != nullptr ? *otherwise : Value(0.0);
}

Value filter_int(Run&, const Value& value, const Arguments& arguments) {
  constexpr double kLargest = 9.2e18;
  if (value.is_whole()) return value.whole();
  if (value.text() != nullptr) {
    if (const auto whole = number_of<std::int64_t>(*value.text())) return *whole;
  }
  const auto real = value.text() != nullptr ? number_of<double>(*value.text())
                    : value.is_number()     ? std::optional(value.number())
                                            : std::nullopt;
  if (real && std::fabs(*real) < kLargest) return static_cast<std::int64_t>(*real);
  const Value* otherwise = arguments.find(0, "default");
  return otherwise != nullptr ? *otherwise : Value(std::int64_t{0});
}

Value filter_indent(Run& run, const Value& value, const Arguments& arguments) {
  const Value* width = arguments.find(0, "width");
  std::string space;
  if (width != nullptr && width->text() != nullptr) {
    space = *width->text();
  } else {
    const auto count = std::max<std::int64_t>(arguments.whole(0, "width", 4), 0);
    run.spend_on(static_cast<std::size_t>(count));
    space.assign(static_cast<std::size_t>(count), ' ');
  }
  const bool first = arguments.flag(1, "first", false);
  const bool blank = arguments.flag(2, "blank", false);
  const std::string text = str(run, value);
  std::string result = first ? space : std::string();
  std::size_t done = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', done)) {
    result.append(text, done, end + 1 - done);
    done = end + 1;
    const bool is_blank = done == text.size() || text[done] == '\n';
    if (!is_blank || blank) result += space;
    run.check(result.size());
  }
  result.append(text, done);
  run.spend_on(result.size());
  return result;
}

Value filter_lower(Run& run, const Value& value, const Arguments&) {
  return lowered(str(run, value));
}
Value filter_upper(Run& run, const Value& value, const Arguments&) {
  return uppered(str(run, value));
}
Value filter_string(Run& run, const Value& value, const Arguments&) { return str(run, value); }
Value filter_same(Run&, const Value& value, const Arguments&) { return value; }

Value filter_title(Run& run, const Value& value, const Arguments&) {
  return titled(str(run, value), [](char32_t c) {
    return is_white_space(c) || std::u32string_view(U"-([{<").find(c) != std::u32string_view::npos;
  });
}

Value filter_trim(Run& run, const Value& value, const Arguments& arguments) {
  return std::string(stripped(str(run, value), Ends::kBoth, arguments.text(0, "chars", "")));
}

Value filter_replace(Run& run, const Value& value, const Arguments& arguments) {
  std::string result = replaced(run, str(run, value), arguments.text(0, "old", ""),
                                arguments.text(1, "new", ""), arguments.whole(2, "count", kAll));
  run.spend_on(result.size());
  return result;
}

Value filter_round(Run&, const Value& value, const Arguments& arguments) {
  const auto digits = std::clamp<std::int64_t>(arguments.whole(0, "precision", 0), -15, 15);
  const std::string how = arguments.text(1, "method", "common");
  if (value.is_whole() && how == "common" && digits >= 0) return value;
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = value.number() * scale;
  const double rounded = how == "ceil"    ? std::ceil(scaled)
                         : how == "floor" ? std::floor(scaled)
                                          : std::nearbyint(scaled);
  return rounded / scale;
}

Value filter_tojson(Run& run, const Value& value, const Arguments& arguments) {
  JsonStyle style;
  const Value* indent = arguments.find(0, "indent");
  if (indent != nullptr && indent->is_whole()) {
    style.indent = static_cast<int>(std::clamp<std::int64_t>(indent->whole(), 0, 16));
  }
  style.sorts_keys = arguments.flag(3, "sort_keys", false);
  const Value* separators = arguments.find(2, "separators");
  if (separators != nullptr && separators->list() != nullptr && separators->list()->size() == 2) {
    style.item_separator = str(run, (*separators->list())[0]);
    style.key_separator = str(run, (*separators->list())[1]);
  }
  std::string json = to_json(run, value, style);
  run.spend_on(json.size());
  return json;
}

Value filter_wordcount(Run& run, const Value& value, const Arguments&) {
  std::int64_t words = 0;
  bool within = false;
  const std::string text = str(run, value);
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t c = take_character(rest);
    const bool is_word = is_letter(c) || is_number(c) || c == U'_';
    words += is_word && !within ? 1 : 0;
    within = is_word;
  }
  return words;
}

constexpr std::array<std::pair<std::string_view, Filter>, 24> kFilters{
    {{"abs", &filter_abs},
     {"capitalize", &filter_capitalize},
     {"center", &filter_center},
     {"d", &filter_default},
     {"default", &filter_default},
     {"e", &filter_escape},
     {"escape", &filter_escape},
     {"float", &filter_float},
     {"forceescape", &filter_escape},
     {"indent", &filter_indent},
     {"int", &filter_int},
     {"lower", &filter_lower},
     {"replace", &filter_replace},
     {"round", &filter_round},
     {"safe", &filter_same},
     {"string", &filter_string},
     {"title", &filter_title},
     {"tojson", &filter_tojson},
     {"trim", &filter_trim},
     {"upper", &filter_upper},
     {"wordcount", &filter_wordcount},
     {"count", &filter_length},
     {"length", &filter_length},
     {"list", &filter_list}}};

}  // namespace

Filter find_filter(std::string_view name) {
  const Filter found = find_named(kFilters, name);
  return found != nullptr ? found : find_list_filter(name);
}

}  // namespace npu::text::jinja
