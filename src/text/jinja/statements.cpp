#include "text/jinja/statements.hpp"

#include <fmt/format.h>

#include "text/jinja/error.hpp"

namespace npu::text::jinja {
namespace {

void set_all(Run& run, const std::vector<std::string>& names, const Value& value) {
  if (names.size() == 1) {
    run.scope().set(names.front(), value);
    return;
  }
  const List parts = elements_of(run, value);
  if (parts.size() != names.size()) {
    throw TemplateError(
        fmt::format("{} values are wanted, there are {}", names.size(), parts.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) run.scope().set(names[i], parts[i]);
}

void set(Run& run, const Target& target, Value value) {
  if (target.member.empty()) {
    run.scope().set(target.name, std::move(value));
    return;
  }
  const Value* found = run.scope().find(target.name);
  const auto* space = found == nullptr ? nullptr : found->as<Namespace*>();
  if (space == nullptr) {
    throw TemplateError(fmt::format("{} is no namespace: {}.{} cannot be set", target.name,
                                    target.name, target.member));
  }
  (*space)->members.set(target.member, std::move(value));
}

class Macro final : public Callable {
 public:
  Macro(const MacroParts& parts, const Scope& defined_in)
      : parts_(parts), defined_in_(defined_in) {}

  Value call(Run& run, const Arguments& arguments) const override {
    return run.within(defined_in_, [&] {
      bind(run, arguments);
      return Value(run.captured([&] { parts_.body.run(run); }));
    });
  }

 private:
  void bind(Run& run, const Arguments& arguments) const {
    const auto& parameters = parts_.parameters;
    if (arguments.positional.size() > parameters.size()) {
      throw TemplateError(fmt::format("macro {} takes {} arguments, got {}", parts_.name,
                                      parameters.size(), arguments.positional.size()));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto& [name, otherwise] = parameters[i];
      const Value* given = arguments.find(i, name);
      run.scope().set(name, given != nullptr ? *given
                            : otherwise      ? otherwise->eval(run)
                                             : Value(Undefined{name}));
    }
    for (const auto& [name, value] : arguments.named) {
      if (name == "caller") run.scope().set("caller", value);
    }
  }

  const MacroParts& parts_;
  const Scope& defined_in_;
};

std::unique_ptr<Callable> make_macro(Run& run, const MacroParts& parts) {
  run.scope().keep();
  return std::make_unique<Macro>(parts, run.scope());
}

}  // namespace

Flow If::run(Run& run) const {
  for (const auto& [condition, body] : branches_) {
    if (!condition || condition->eval(run).is_true()) return body.run(run);
  }
  return Flow::kNext;
}

List For::chosen(Run& run) const {
  List elements = elements_of(run, parts_.of->eval(run));
  if (!parts_.condition) return elements;
  List kept;
  run.within([&] {
    for (const Value& element : elements) {
      set_all(run, parts_.targets, element);
      if (parts_.condition->eval(run).is_true()) kept.push_back(element);
    }
  });
  return kept;
}

Flow For::run(Run& run) const {
  List elements = chosen(run);
  if (elements.empty()) {
    return run.within([&] { return parts_.otherwise.run(run); });
  }
  Loop* loop = run.make_loop(std::move(elements));
  for (; loop->index < loop->elements.size(); ++loop->index) {
    run.spend();
    const Flow flow = run.within([&] {
      run.scope().set("loop", static_cast<const Loop*>(loop));
      set_all(run, parts_.targets, loop->elements[loop->index]);
      return parts_.body.run(run);
    });
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

Flow Set::run(Run& run) const {
  Value value = value_->eval(run);
  if (targets_.size() == 1) {
    set(run, targets_.front(), std::move(value));
    return Flow::kNext;
  }
  const List parts = elements_of(run, value);
  if (parts.size() != targets_.size()) {
    throw TemplateError(
        fmt::format("{} values are wanted, there are {}", targets_.size(), parts.size()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) set(run, targets_[i], parts[i]);
  return Flow::kNext;
}

Value FilteredBody::eval(Run& run) const {
  Value written = run.captured([&] { run.within([&] { body.run(run); }); });
  if (!filtered) return written;
  return run.within([&] {
    run.scope().set(kWritten, std::move(written));
    return filtered->eval(run);
  });
}

Flow SetBlock::run(Run& run) const {
  set(run, target_, body_.eval(run));
  return Flow::kNext;
}

Flow MacroDefinition::run(Run& run) const {
  run.scope().set(parts_.name, run.keep(make_macro(run, parts_)));
  return Flow::kNext;
}

Flow CallBlock::run(Run& run) const {
  const Callable* caller = run.keep(make_macro(run, caller_));
  run.write(str(run, call_->call(run, caller)));
  return Flow::kNext;
}

}  // namespace npu::text::jinja
