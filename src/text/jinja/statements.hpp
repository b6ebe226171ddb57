// What stands in {% %}, and the text between.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/expressions.hpp"
#include "text/jinja/nodes.hpp"

namespace npu::text::jinja {

class Text final : public Statement {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  Flow run(Run& run) const override {
    run.write(text_);
    return Flow::kNext;
  }

 private:
  std::string text_;
};

class Output final : public Statement {
 public:
  explicit Output(ExpressionPtr of) : of_(std::move(of)) {}
  Flow run(Run& run) const override {
    run.write(str(run, of_->eval(run)));
    return Flow::kNext;
  }

 private:
  ExpressionPtr of_;
};

class If final : public Statement {
 public:
  // The last branch may have no condition: else.
  using Branch = std::pair<ExpressionPtr, Body>;
  explicit If(std::vector<Branch> branches) : branches_(std::move(branches)) {}
  Flow run(Run& run) const override;

 private:
  std::vector<Branch> branches_;
};

class For final : public Statement {
 public:
  struct Parts {
    std::vector<std::string> targets;  // several take an element apart
    ExpressionPtr of;
    ExpressionPtr condition;  // may be none
    Body body;
    Body otherwise;  // where there was no element
  };
  explicit For(Parts parts) : parts_(std::move(parts)) {}
  Flow run(Run& run) const override;

 private:
  List chosen(Run& run) const;

  Parts parts_;
};

// {% set a, b = … %}, or the names of a namespace: {% set ns.a = … %}
struct Target {
  std::string name;
  std::string member;  // "": the name itself
};

class Set final : public Statement {
 public:
  Set(std::vector<Target> targets, ExpressionPtr value)
      : targets_(std::move(targets)), value_(std::move(value)) {}
  Flow run(Run& run) const override;

 private:
  std::vector<Target> targets_;
  ExpressionPtr value_;
};

// A filter of what a body writes; the name under which that stands is no name of templates.
struct FilteredBody {
  Body body;
  ExpressionPtr filtered;  // of Name(kWritten); none: as it is

  Value eval(Run& run) const;
  static constexpr const char* kWritten = "{written}";
};

class SetBlock final : public Statement {
 public:
  SetBlock(Target target, FilteredBody body) : target_(std::move(target)), body_(std::move(body)) {}
  Flow run(Run& run) const override;

 private:
  Target target_;
  FilteredBody body_;
};

class FilterBlock final : public Statement {
 public:
  explicit FilterBlock(FilteredBody body) : body_(std::move(body)) {}
  Flow run(Run& run) const override {
    run.write(str(run, body_.eval(run)));
    return Flow::kNext;
  }

 private:
  FilteredBody body_;
};

struct MacroParts {
  std::string name;
  std::vector<std::pair<std::string, ExpressionPtr>> parameters;  // with defaults, or none
  Body body;
};

class MacroDefinition final : public Statement {
 public:
  explicit MacroDefinition(MacroParts parts) : parts_(std::move(parts)) {}
  Flow run(Run& run) const override;

 private:
  MacroParts parts_;
};

class CallBlock final : public Statement {
 public:
  CallBlock(std::unique_ptr<const Call> call, MacroParts caller)
      : call_(std::move(call)), caller_(std::move(caller)) {}
  Flow run(Run& run) const override;

 private:
  std::unique_ptr<const Call> call_;
  MacroParts caller_;
};

// {% generation %}: only marks what a model has said.
class Group final : public Statement {
 public:
  explicit Group(Body body) : body_(std::move(body)) {}
  Flow run(Run& run) const override { return body_.run(run); }

 private:
  Body body_;
};

class Jump final : public Statement {
 public:
  explicit Jump(Flow flow) : flow_(flow) {}
  Flow run(Run&) const override { return flow_; }

 private:
  Flow flow_;
};

}  // namespace npu::text::jinja
