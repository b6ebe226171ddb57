// What expressions of templates have: the values of Python that chat templates meet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

#include "text/jinja/budget.hpp"

namespace npu::text::jinja {

class Value;
class Dict;
class Callable;
using List = std::vector<Value>;

// A list that Python writes in round brackets: (1, 2).
struct Tuple;

// Nobody has set it; `what` is its name, for messages.
struct Undefined {
  std::string what;
};
struct None {};

// The one value that templates can change: {% set ns.found = true %}. Owned by the rendering.
struct Namespace;
// Where a loop is: loop.index. Owned by the rendering.
struct Loop;

// Copies are cheap: what is large is shared, and never changed.
class Value {
 public:
  Value() : kind_(None{}) {}
  Value(Undefined undefined) : kind_(std::move(undefined)) {}
  Value(bool value) : kind_(value) {}
  Value(std::int64_t value) : kind_(value) {}
  Value(double value) : kind_(value) {}
  Value(std::string value) : kind_(std::make_shared<const std::string>(std::move(value))) {}
  Value(List value) : kind_(std::make_shared<const List>(std::move(value))) {}
  Value(Tuple value);
  Value(Dict value);
  Value(Namespace* value) : kind_(value) {}
  Value(const Loop* value) : kind_(value) {}
  Value(const Callable* value) : kind_(value) {}
  Value(const char*) = delete;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&kind_);
  }
  bool is_undefined() const { return as<Undefined>() != nullptr; }
  bool is_none() const { return as<None>() != nullptr; }
  bool is_number() const { return as<bool>() || as<std::int64_t>() || as<double>(); }
  const std::string* text() const { return pointee<std::string>(); }
  // Of a list or a tuple.
  const List* list() const;
  bool is_tuple() const { return pointee<Tuple>() != nullptr; }
  const Dict* dict() const { return pointee<Dict>(); }

  bool is_true() const;
  // Of a number; a bool is 0 or 1.
  double number() const;
  std::int64_t whole() const;
  // Whether it is one, and no fraction.
  bool is_whole() const { return as<bool>() || as<std::int64_t>(); }

  // As Python's type().__name__ has it.
  std::string_view type_name() const;
  // Which of its kinds it is: values of different kinds are not equal, but for numbers.
  std::size_t kind() const { return kind_.index(); }
  // For what is one object and no more: a namespace, a loop, a function.
  const void* identity() const;

 private:
  template <class T>
  const T* pointee() const {
    const auto* shared = std::get_if<std::shared_ptr<const T>>(&kind_);
    return shared == nullptr ? nullptr : shared->get();
  }

  std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const std::string>,
               std::shared_ptr<const List>, std::shared_ptr<const Tuple>,
               std::shared_ptr<const Dict>, Namespace*, const Loop*, const Callable*>
      kind_;
};

// In the order in which keys came. Keys are texts.
class Dict {
 public:
  using Item = std::pair<std::string, Value>;

  const Value* find(std::string_view key) const;
  void set(std::string key, Value value);
  const std::vector<Item>& items() const { return items_; }
  std::size_t size() const { return items_.size(); }

 private:
  std::vector<Item> items_;
  std::vector<std::uint32_t> sorted_;  // indices of items_, by key
};

struct Tuple {
  List elements;
};

inline Value::Value(Tuple value) : kind_(std::make_shared<const Tuple>(std::move(value))) {}
inline const List* Value::list() const {
  const auto* tuple = pointee<Tuple>();
  return tuple != nullptr ? &tuple->elements : pointee<List>();
}
inline Value::Value(Dict value) : kind_(std::make_shared<const Dict>(std::move(value))) {}

struct Namespace {
  Dict members;
};

struct Loop {
  List elements;
  std::size_t index = 0;
};

Value from_json(const boost::json::value& json);

// As Python's str() has it.
std::string str(Budget& budget, const Value& value);

// As Python's json.dumps(ensure_ascii=False) has it, which is what transformers' tojson is.
// indent < 0: on one line. Throws TemplateError for what is no JSON.
struct JsonStyle {
  int indent = -1;
  bool sorts_keys = false;
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
std::string to_json(Budget& budget, const Value& value, const JsonStyle& style);

// < 0, 0, > 0; throws TemplateError where they have no order.
int compare(Budget& budget, const Value& left, const Value& right);
bool equal(Budget& budget, const Value& left, const Value& right);

// Whether an element, a key or a part of a text is there.
bool contains(Budget& budget, const Value& whole, const Value& part);

}  // namespace npu::text::jinja
