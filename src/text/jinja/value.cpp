#include "text/jinja/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "text/jinja/error.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

constexpr int kDeepest = 64;

void check(int depth) {
  if (depth > kDeepest) throw TemplateError("a value is nested too deeply");
}

std::string repr_of(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 40> digits{};
  const double size = std::fabs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(digits.data(), end.ptr);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

// Of what is no text and has no elements.
std::string scalar_text(const Value& value) {
  if (value.is_undefined()) return {};
  if (value.is_none()) return "None";
  if (const auto* flag = value.as<bool>()) return *flag ? "True" : "False";
  if (const auto* whole = value.as<std::int64_t>()) return std::to_string(*whole);
  if (const auto* real = value.as<double>()) return repr_of(*real);
  return fmt::format("<{}>", value.type_name());
}

// In quotes, as Python writes a text in a list.
void append_repr(std::string& out, std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\r') {
      out += "\\r";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (c == U'\\' || c == static_cast<char32_t>(quote)) {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else if (c != U' ' && (is_other(c) || is_white_space(c))) {
      out += c > 0xFFFF ? fmt::format("\\U{:08x}", static_cast<unsigned>(c))
                        : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  out += quote;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (const auto at = std::string_view("\b\t\n\f\r").find(c);
               at != std::string_view::npos) {
      out += '\\';
      out += std::string_view("btnfr")[at];
    } else {
      out += fmt::format("\\u{:04x}", byte);
    }
  }
  out += '"';
}

class ReprWriter {
 public:
  explicit ReprWriter(Budget& budget) : budget_(budget) {}

  void write(const Value& value, int depth) {
    check(depth);
    budget_.spend();
    if (const auto* text = value.text()) {
      append_repr(out, *text);
    } else if (const auto* list = value.list()) {
      out += value.is_tuple() ? '(' : '[';
      for (const Value& element : *list) {
        if (&element != &list->front()) out += ", ";
        write(element, depth + 1);
      }
      if (value.is_tuple() && list->size() == 1) out += ',';
      out += value.is_tuple() ? ')' : ']';
    } else if (const auto* dict = value.dict()) {
      write(*dict, depth);
    } else {
      out += value.is_undefined() ? "Undefined" : scalar_text(value);
    }
    budget_.check(out.size());
  }

  std::string out;

 private:
  void write(const Dict& dict, int depth) {
    out += '{';
    for (const auto& item : dict.items()) {
      if (&item != &dict.items().front()) out += ", ";
      append_repr(out, item.first);
      out += ": ";
      write(item.second, depth + 1);
    }
    out += '}';
  }

  Budget& budget_;
};

class JsonWriter {
 public:
  JsonWriter(Budget& budget, const JsonStyle& style) : budget_(budget), style_(style) {}

  void write(const Value& value, int depth) {
    check(depth);
    budget_.spend();
    budget_.check(out.size());
    if (const auto* text = value.text()) {
      append_json_text(out, *text);
    } else if (const auto* list = value.list()) {
      write_all('[', ']', *list, depth, [&](const Value& element) { write(element, depth + 1); });
    } else if (const auto* dict = value.dict()) {
      auto items = dict->items();
      if (style_.sorts_keys)
        std::ranges::sort(items, {}, [](const auto& item) { return item.first; });
      write_all('{', '}', items, depth, [&](const Dict::Item& item) {
        append_json_text(out, item.first);
        out += style_.key_separator;
        write(item.second, depth + 1);
      });
    } else if (value.is_none()) {
      out += "null";
    } else if (const auto* flag = value.as<bool>()) {
      out += *flag ? "true" : "false";
    } else if (value.is_number()) {
      const auto* real = value.as<double>();
      const bool odd = real != nullptr && !std::isfinite(*real);
      out += !odd                ? scalar_text(value)
             : std::isnan(*real) ? "NaN"
             : *real > 0         ? "Infinity"
                                 : "-Infinity";
    } else {
      throw TemplateError(fmt::format("tojson of a value of type {}", value.type_name()));
    }
  }

  std::string out;

 private:
  template <class Elements, class Write>
  void write_all(char open, char close, const Elements& elements, int depth, Write write_one) {
    out += open;
    bool is_first = true;
    for (const auto& element : elements) {
      if (!is_first) out += style_.indent < 0 ? style_.item_separator : ",";
      is_first = false;
      begin_line(depth + 1);
      write_one(element);
    }
    if (!elements.empty()) begin_line(depth);
    out += close;
  }

  void begin_line(int depth) {
    if (style_.indent < 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(style_.indent) * static_cast<std::size_t>(depth), ' ');
  }

  Budget& budget_;
  const JsonStyle& style_;
};

template <class T>
int order(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

}  // namespace

const Value* Dict::find(std::string_view key) const {
  const auto key_of = [this](std::uint32_t at) { return std::string_view(items_[at].first); };
  const auto at = std::ranges::lower_bound(sorted_, key, {}, key_of);
  return at != sorted_.end() && key_of(*at) == key ? &items_[*at].second : nullptr;
}

void Dict::set(std::string key, Value value) {
  const auto key_of = [this](std::uint32_t at) { return std::string_view(items_[at].first); };
  const auto at = std::ranges::lower_bound(sorted_, std::string_view(key), {}, key_of);
  if (at != sorted_.end() && key_of(*at) == key) {
    items_[*at].second = std::move(value);
    return;
  }
  sorted_.insert(at, static_cast<std::uint32_t>(items_.size()));
  items_.emplace_back(std::move(key), std::move(value));
}

bool Value::is_true() const {
  if (const auto* flag = as<bool>()) return *flag;
  if (is_number()) return number() != 0;
  if (const auto* value = text()) return !value->empty();
  if (const auto* value = list()) return !value->empty();
  if (const auto* value = dict()) return value->size() > 0;
  return !is_undefined() && !is_none();
}

double Value::number() const {
  if (const auto* flag = as<bool>()) return *flag ? 1 : 0;
  if (const auto* whole = as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = as<double>();
  return real == nullptr ? 0 : *real;
}

std::int64_t Value::whole() const {
  if (const auto* flag = as<bool>()) return *flag ? 1 : 0;
  const auto* value = as<std::int64_t>();
  return value == nullptr ? 0 : *value;
}

std::string_view Value::type_name() const {
  constexpr std::array<std::string_view, 12> kNames{"Undefined", "NoneType",  "bool", "int",
                                                    "float",     "str",       "list", "tuple",
                                                    "dict",      "namespace", "loop", "function"};
  return kNames[kind_.index()];
}

const void* Value::identity() const {
  if (const auto* value = as<Namespace*>()) return *value;
  if (const auto* value = as<const Loop*>()) return *value;
  const auto* value = as<const Callable*>();
  return value == nullptr ? nullptr : *value;
}

Value from_json(const boost::json::value& json) {
  switch (json.kind()) {
    case boost::json::kind::null: return {};
    case boost::json::kind::bool_: return json.get_bool();
    case boost::json::kind::int64: return static_cast<std::int64_t>(json.get_int64());
    case boost::json::kind::uint64: return static_cast<double>(json.get_uint64());
    case boost::json::kind::double_: return json.get_double();
    case boost::json::kind::string: return std::string(json.get_string());
    case boost::json::kind::array: {
      List list;
      list.reserve(json.get_array().size());
      for (const auto& element : json.get_array()) list.push_back(from_json(element));
      return list;
    }
    case boost::json::kind::object: break;
  }
  Dict dict;
  for (const auto& member : json.get_object()) {
    dict.set(std::string(member.key()), from_json(member.value()));
  }
  return dict;
}

std::string str(Budget& budget, const Value& value) {
  if (const auto* text = value.text()) {
    budget.spend_on(text->size());
    return *text;
  }
  if (value.list() == nullptr && value.dict() == nullptr) return scalar_text(value);
  ReprWriter writer(budget);
  writer.write(value, 0);
  budget.spend_on(writer.out.size());
  return std::move(writer.out);
}

std::string to_json(Budget& budget, const Value& value, const JsonStyle& style) {
  JsonWriter writer(budget, style);
  writer.write(value, 0);
  budget.spend_on(writer.out.size());
  return std::move(writer.out);
}

bool equal(Budget& budget, const Value& left, const Value& right) {
  budget.spend();
  if (left.is_number() && right.is_number()) {
    return left.is_whole() && right.is_whole() ? left.whole() == right.whole()
                                               : left.number() == right.number();
  }
  if (left.kind() != right.kind()) return false;
  if (const auto* text = left.text()) {
    budget.spend_on(text->size());
    return *text == *right.text();
  }
  const auto same = [&](const Value& a, const Value& b) { return equal(budget, a, b); };
  if (const auto* list = left.list()) return std::ranges::equal(*list, *right.list(), same);
  if (const auto* dict = left.dict()) {
    return dict->size() == right.dict()->size() &&
           std::ranges::all_of(dict->items(), [&](const Dict::Item& item) {
             const Value* match = right.dict()->find(item.first);
             return match != nullptr && same(item.second, *match);
           });
  }
  return left.identity() == right.identity();
}

int compare(Budget& budget, const Value& left, const Value& right) {
  budget.spend();
  if (left.is_whole() && right.is_whole()) return order(left.whole(), right.whole());
  if (left.is_number() && right.is_number()) return order(left.number(), right.number());
  if (left.text() != nullptr && right.text() != nullptr) {
    budget.spend_on(std::min(left.text()->size(), right.text()->size()));
    return order(*left.text(), *right.text());
  }
  if (left.list() != nullptr && right.list() != nullptr) {
    const List& a = *left.list();
    const List& b = *right.list();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (!equal(budget, a[i], b[i])) return compare(budget, a[i], b[i]);
    }
    return order(a.size(), b.size());
  }
  throw TemplateError(fmt::format("{} and {} have no order", left.type_name(), right.type_name()));
}

bool contains(Budget& budget, const Value& whole, const Value& part) {
  if (const auto* text = whole.text()) {
    if (part.text() == nullptr) throw TemplateError("in a text only a text can be");
    budget.spend_on(text->size());
    return text->find(*part.text()) != std::string::npos;
  }
  if (const auto* list = whole.list()) {
    return std::ranges::any_of(*list, [&](const Value& one) { return equal(budget, one, part); });
  }
  if (const auto* dict = whole.dict()) {
    return part.text() != nullptr && dict->find(*part.text()) != nullptr;
  }
  if (whole.is_undefined()) return false;
  throw TemplateError(fmt::format("a value of type {} has no elements", whole.type_name()));
}

}  // namespace npu::text::jinja
