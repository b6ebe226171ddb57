// A template that was read.
#pragma once

#include <memory>
#include <vector>

#include "text/jinja/run.hpp"

namespace npu::text::jinja {

class Expression {
 public:
  virtual ~Expression() = default;
  virtual Value eval(Run& run) const = 0;
};
using ExpressionPtr = std::unique_ptr<const Expression>;

enum class Flow { kNext, kBreak, kContinue };

class Statement {
 public:
  virtual ~Statement() = default;
  virtual Flow run(Run& run) const = 0;
};
using StatementPtr = std::unique_ptr<const Statement>;

class Body {
 public:
  void add(StatementPtr statement) { statements_.push_back(std::move(statement)); }
  Flow run(Run& run) const {
    for (const auto& statement : statements_) {
      run.spend();
      if (const Flow flow = statement->run(run); flow != Flow::kNext) return flow;
    }
    return Flow::kNext;
  }

 private:
  std::vector<StatementPtr> statements_;
};

// What a call is given: f(a, b=c, *d, **e).
struct CallArguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr more;        // a list; may be none
  ExpressionPtr more_named;  // a dict; may be none

  // Throws TemplateError.
  Arguments eval(Run& run) const;
};

}  // namespace npu::text::jinja
