// What expressions are made of.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/builtins.hpp"
#include "text/jinja/nodes.hpp"

namespace npu::text::jinja {

class Literal final : public Expression {
 public:
  explicit Literal(Value value) : value_(std::move(value)) {}
  Value eval(Run&) const override { return value_; }

 private:
  Value value_;
};

class Name final : public Expression {
 public:
  explicit Name(std::string name) : name_(std::move(name)) {}
  Value eval(Run& run) const override;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

class ListOf final : public Expression {
 public:
  ListOf(std::vector<ExpressionPtr> elements, bool is_tuple)
      : elements_(std::move(elements)), is_tuple_(is_tuple) {}
  Value eval(Run& run) const override;

 private:
  std::vector<ExpressionPtr> elements_;
  bool is_tuple_;
};

class DictOf final : public Expression {
 public:
  using Item = std::pair<ExpressionPtr, ExpressionPtr>;
  explicit DictOf(std::vector<Item> items) : items_(std::move(items)) {}
  Value eval(Run& run) const override;

 private:
  std::vector<Item> items_;
};

enum class Operator { kAdd, kSubtract, kMultiply, kDivide, kFloorDivide, kModulo, kPower, kJoin };

class Arithmetic final : public Expression {
 public:
  Arithmetic(Operator op, ExpressionPtr left, ExpressionPtr right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}
  Value eval(Run& run) const override;

 private:
  Operator op_;
  ExpressionPtr left_;
  ExpressionPtr right_;
};

class Negative final : public Expression {
 public:
  explicit Negative(ExpressionPtr of) : of_(std::move(of)) {}
  Value eval(Run& run) const override;

 private:
  ExpressionPtr of_;
};

enum class Relation {
  kEqual,
  kUnequal,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kNotIn
};

// a < b < c
class Comparison final : public Expression {
 public:
  using Operand = std::pair<Relation, ExpressionPtr>;
  Comparison(ExpressionPtr first, std::vector<Operand> others)
      : first_(std::move(first)), others_(std::move(others)) {}
  Value eval(Run& run) const override;

 private:
  ExpressionPtr first_;
  std::vector<Operand> others_;
};

class Logic final : public Expression {
 public:
  enum class Kind { kAnd, kOr };
  Logic(Kind kind, ExpressionPtr left, ExpressionPtr right)
      : kind_(kind), left_(std::move(left)), right_(std::move(right)) {}
  Value eval(Run& run) const override {
    Value left = left_->eval(run);
    return left.is_true() == (kind_ == Kind::kOr) ? left : right_->eval(run);
  }

 private:
  Kind kind_;
  ExpressionPtr left_;
  ExpressionPtr right_;
};

class Not final : public Expression {
 public:
  explicit Not(ExpressionPtr of) : of_(std::move(of)) {}
  Value eval(Run& run) const override { return !of_->eval(run).is_true(); }

 private:
  ExpressionPtr of_;
};

// a if condition else b
class Choice final : public Expression {
 public:
  Choice(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise)
      : condition_(std::move(condition)),
        then_(std::move(then)),
        otherwise_(std::move(otherwise)) {}
  Value eval(Run& run) const override {
    if (condition_->eval(run).is_true()) return then_->eval(run);
    return otherwise_ ? otherwise_->eval(run) : Value(Undefined{"the other choice"});
  }

 private:
  ExpressionPtr condition_;
  ExpressionPtr then_;
  ExpressionPtr otherwise_;  // may be none
};

class Attribute final : public Expression {
 public:
  Attribute(ExpressionPtr of, std::string name) : of_(std::move(of)), name_(std::move(name)) {}
  Value eval(Run& run) const override { return attribute_of(of_->eval(run), name_); }
  const Expression& of() const { return *of_; }
  const std::string& name() const { return name_; }

 private:
  ExpressionPtr of_;
  std::string name_;
};

class Element final : public Expression {
 public:
  Element(ExpressionPtr of, ExpressionPtr key) : of_(std::move(of)), key_(std::move(key)) {}
  Value eval(Run& run) const override { return element_of(of_->eval(run), key_->eval(run)); }

 private:
  ExpressionPtr of_;
  ExpressionPtr key_;
};

// a[begin:end:step]
class Slice final : public Expression {
 public:
  struct Ends {
    ExpressionPtr begin;
    ExpressionPtr end;
    ExpressionPtr step;
  };
  Slice(ExpressionPtr of, Ends ends) : of_(std::move(of)), ends_(std::move(ends)) {}
  Value eval(Run& run) const override;

 private:
  ExpressionPtr of_;
  Ends ends_;
};

class Call final : public Expression {
 public:
  Call(ExpressionPtr callee, CallArguments arguments)
      : callee_(std::move(callee)), arguments_(std::move(arguments)) {}
  Value eval(Run& run) const override { return call(run, nullptr); }
  // With what {% call %} gives.
  Value call(Run& run, const Callable* caller) const;

 private:
  ExpressionPtr callee_;
  CallArguments arguments_;
};

class Filtered final : public Expression {
 public:
  Filtered(Filter filter, ExpressionPtr of, CallArguments arguments)
      : filter_(filter), of_(std::move(of)), arguments_(std::move(arguments)) {}
  Value eval(Run& run) const override {
    run.spend();
    const Value value = of_->eval(run);
    return filter_(run, value, arguments_.eval(run));
  }

 private:
  Filter filter_;
  ExpressionPtr of_;
  CallArguments arguments_;
};

class Tested final : public Expression {
 public:
  Tested(Test test, bool negated, ExpressionPtr of, CallArguments arguments)
      : test_(test), negated_(negated), of_(std::move(of)), arguments_(std::move(arguments)) {}
  Value eval(Run& run) const override {
    const Value value = of_->eval(run);
    return test_(run, value, arguments_.eval(run)) != negated_;
  }

 private:
  Test test_;
  bool negated_;
  ExpressionPtr of_;
  CallArguments arguments_;
};

}  // namespace npu::text::jinja
