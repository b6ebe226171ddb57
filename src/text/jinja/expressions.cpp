#include "text/jinja/expressions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "text/jinja/error.hpp"

namespace npu::text::jinja {
namespace {

constexpr std::string_view kCaller = "caller";

[[noreturn]] void no_operator(std::string_view what, const Value& left, const Value& right) {
  throw TemplateError(
      fmt::format("{} of {} and {} is not possible", what, left.type_name(), right.type_name()));
}

double floor_modulo(double left, double right) {
  const double rest = std::fmod(left, right);
  return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

Value whole_arithmetic(Operator op, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  bool overflows = false;
  switch (op) {
    case Operator::kAdd: overflows = __builtin_add_overflow(left, right, &result); break;
    case Operator::kSubtract: overflows = __builtin_sub_overflow(left, right, &result); break;
    case Operator::kMultiply: overflows = __builtin_mul_overflow(left, right, &result); break;
    default: {
      overflows = left == std::numeric_limits<std::int64_t>::min() && right == -1;
      if (overflows) break;
      const std::int64_t rest = left % right;
      const bool down = rest != 0 && (rest < 0) != (right < 0);
      result = op == Operator::kModulo ? rest + (down ? right : 0) : left / right - (down ? 1 : 0);
    }
  }
  if (overflows) throw TemplateError("a whole number is too large");
  return result;
}

Value power(const Value& left, const Value& right) {
  const double result = std::pow(left.number(), right.number());
  constexpr double kExact = 9007199254740992.0;
  const bool whole = left.is_whole() && right.is_whole() && right.whole() >= 0;
  if (whole && std::fabs(result) <= kExact) return static_cast<std::int64_t>(result);
  if (whole) throw TemplateError("a whole number is too large");
  return result;
}

Value number_arithmetic(Operator op, const Value& left, const Value& right) {
  const bool divides =
      op == Operator::kDivide || op == Operator::kFloorDivide || op == Operator::kModulo;
  if (divides && right.number() == 0) throw TemplateError("division by zero");
  if (op == Operator::kPower) return power(left, right);
  if (op == Operator::kDivide) return left.number() / right.number();
  if (left.is_whole() && right.is_whole()) return whole_arithmetic(op, left.whole(), right.whole());
  switch (op) {
    case Operator::kAdd: return left.number() + right.number();
    case Operator::kSubtract: return left.number() - right.number();
    case Operator::kMultiply: return left.number() * right.number();
    case Operator::kModulo: return floor_modulo(left.number(), right.number());
    default: return std::floor(left.number() / right.number());
  }
}

Value repeated(Run& run, const Value& value, std::int64_t times) {
  const std::size_t size = value.text() != nullptr ? value.text()->size() : value.list()->size();
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(times, 0, 1 << 30));
  run.spend_on(size * count);
  if (const auto* text = value.text()) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += *text;
    return all;
  }
  List all;
  for (std::size_t i = 0; i < count; ++i) {
    all.insert(all.end(), value.list()->begin(), value.list()->end());
  }
  return all;
}

bool holds(Run& run, Relation relation, const Value& left, const Value& right) {
  switch (relation) {
    case Relation::kEqual: return equal(run, left, right);
    case Relation::kUnequal: return !equal(run, left, right);
    case Relation::kLess: return compare(run, left, right) < 0;
    case Relation::kLessOrEqual: return compare(run, left, right) <= 0;
    case Relation::kGreater: return compare(run, left, right) > 0;
    case Relation::kGreaterOrEqual: return compare(run, left, right) >= 0;
    case Relation::kIn: return contains(run, right, left);
    case Relation::kNotIn: return !contains(run, right, left);
  }
  return false;
}

// Python's slice.indices(): every element from begin on before end.
struct Indices {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t step = 1;
};

std::optional<std::int64_t> index_of(Run& run, const ExpressionPtr& expression) {
  if (!expression) return std::nullopt;
  const Value value = expression->eval(run);
  if (value.is_none()) return std::nullopt;
  if (!value.is_whole()) throw TemplateError("the ends of a slice must be whole numbers");
  return value.whole();
}

std::int64_t clipped(std::optional<std::int64_t> index, std::int64_t size, std::int64_t otherwise,
                     bool backwards) {
  if (!index) return otherwise;
  const std::int64_t at = *index < 0 ? *index + size : *index;
  return std::clamp<std::int64_t>(at, backwards ? -1 : 0, backwards ? size - 1 : size);
}

}  // namespace

Arguments CallArguments::eval(Run& run) const {
  Arguments values;
  values.positional.reserve(positional.size());
  for (const auto& argument : positional) values.positional.push_back(argument->eval(run));
  for (const auto& [name, argument] : named) values.named.emplace_back(name, argument->eval(run));
  if (more) {
    for (Value& element : elements_of(run, more->eval(run))) {
      values.positional.push_back(std::move(element));
    }
  }
  if (more_named) {
    const Value given = more_named->eval(run);
    if (given.dict() == nullptr) throw TemplateError("** takes names and values");
    for (const auto& [name, value] : given.dict()->items()) values.named.emplace_back(name, value);
  }
  return values;
}

Value Name::eval(Run& run) const {
  run.spend();
  if (const Value* value = run.scope().find(name_)) return *value;
  if (const Callable* function = find_function(name_)) return function;
  return Undefined{name_};
}

Value ListOf::eval(Run& run) const {
  List list;
  list.reserve(elements_.size());
  for (const auto& element : elements_) list.push_back(element->eval(run));
  run.spend_on(list.size());
  return is_tuple_ ? Value(Tuple{std::move(list)}) : Value(std::move(list));
}

Value DictOf::eval(Run& run) const {
  Dict dict;
  for (const auto& [key, value] : items_) {
    run.spend();
    const Value name = key->eval(run);
    if (name.text() == nullptr) throw TemplateError("keys must be texts");
    dict.set(*name.text(), value->eval(run));
  }
  return dict;
}

Value Arithmetic::eval(Run& run) const {
  run.spend();
  const Value left = left_->eval(run);
  const Value right = right_->eval(run);
  if (op_ == Operator::kJoin) {
    std::string all = str(run, left) + str(run, right);
    run.spend_on(all.size());
    return all;
  }
  if (left.is_number() && right.is_number()) return number_arithmetic(op_, left, right);
  if (op_ == Operator::kAdd && left.text() != nullptr && right.text() != nullptr) {
    run.spend_on(left.text()->size() + right.text()->size());
    return *left.text() + *right.text();
  }
  if (op_ == Operator::kAdd && left.list() != nullptr && right.list() != nullptr) {
    List all = *left.list();
    run.spend_on(all.size() + right.list()->size());
    all.insert(all.end(), right.list()->begin(), right.list()->end());
    return all;
  }
  const auto is_row = [](const Value& value) {
    return value.text() != nullptr || value.list() != nullptr;
  };
  if (op_ == Operator::kMultiply && is_row(left) && right.is_whole()) {
    return repeated(run, left, right.whole());
  }
  if (op_ == Operator::kMultiply && is_row(right) && left.is_whole()) {
    return repeated(run, right, left.whole());
  }
  for (const Value* value : {&left, &right}) {
    if (const auto* undefined = value->as<Undefined>()) {
      throw TemplateError(fmt::format("{} is undefined", undefined->what));
    }
  }
  constexpr std::string_view kNames[] = {"+", "-", "*", "/", "//", "%", "**", "~"};
  no_operator(kNames[static_cast<std::size_t>(op_)], left, right);
}

Value Negative::eval(Run& run) const {
  const Value value = of_->eval(run);
  if (value.is_whole()) return whole_arithmetic(Operator::kSubtract, 0, value.whole());
  if (value.is_number()) return -value.number();
  throw TemplateError(fmt::format("a value of type {} has no negative", value.type_name()));
}

Value Comparison::eval(Run& run) const {
  Value left = first_->eval(run);
  for (const auto& [relation, operand] : others_) {
    run.spend();
    Value right = operand->eval(run);
    if (!holds(run, relation, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Slice::eval(Run& run) const {
  const Value value = of_->eval(run);
  const List elements = elements_of(run, value);
  if (value.text() == nullptr && value.list() == nullptr) {
    throw TemplateError(fmt::format("a value of type {} has no slices", value.type_name()));
  }
  const std::int64_t step = index_of(run, ends_.step).value_or(1);
  if (step == 0) throw TemplateError("the step of a slice must not be 0");
  const auto size = static_cast<std::int64_t>(elements.size());
  const bool backwards = step < 0;
  const std::int64_t begin =
      clipped(index_of(run, ends_.begin), size, backwards ? size - 1 : 0, backwards);
  const std::int64_t end =
      clipped(index_of(run, ends_.end), size, backwards ? -1 : size, backwards);
  List taken;
  std::string text;
  for (std::int64_t at = begin; backwards ? at > end : at < end; at += step) {
    const Value& element = elements[static_cast<std::size_t>(at)];
    if (value.text() != nullptr) {
      text += *element.text();
    } else {
      taken.push_back(element);
    }
    if (step > size || step < -size) break;
  }
  if (value.text() != nullptr) return text;
  return value.is_tuple() ? Value(Tuple{std::move(taken)}) : Value(std::move(taken));
}

// A method is one only where it is called: {"items": 1}.items is 1.
Value Call::call(Run& run, const Callable* caller) const {
  run.spend();
  Value callee;
  if (const auto* attribute = dynamic_cast<const Attribute*>(callee_.get())) {
    const Value of = attribute->of().eval(run);
    callee = attribute_of(of, attribute->name());
    if (callee.as<const Callable*>() == nullptr) {
      return call_method(run, of, attribute->name(), arguments_.eval(run));
    }
  } else {
    callee = callee_->eval(run);
  }
  const auto* callable = callee.as<const Callable*>();
  if (callable == nullptr) {
    const auto* undefined = callee.as<Undefined>();
    throw TemplateError(undefined != nullptr ? fmt::format("{} is undefined", undefined->what)
                                             : fmt::format("a value of type {} cannot be called",
                                                           callee.type_name()));
  }
  Arguments arguments = arguments_.eval(run);
  if (caller != nullptr) arguments.named.emplace_back(kCaller, caller);
  return run.deeper([&] { return (*callable)->call(run, arguments); });
}

}  // namespace npu::text::jinja
