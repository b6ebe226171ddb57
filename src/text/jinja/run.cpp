#include "text/jinja/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "text/jinja/error.hpp"

namespace npu::text::jinja {

const Value* Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    for (const auto& [known, value] : scope->values_) {
      if (known == name) return &value;
    }
  }
  return nullptr;
}

void Scope::set(std::string_view name, Value value) {
  const auto found = std::ranges::find(values_, name, [](const auto& one) { return one.first; });
  if (found != values_.end()) {
    found->second = std::move(value);
  } else {
    values_.emplace_back(name, std::move(value));
  }
}

const Value* Arguments::find(std::size_t place, std::string_view name) const {
  if (place < positional.size()) return &positional[place];
  const auto found =
      std::ranges::find_if(named, [name](const auto& one) { return one.first == name; });
  return found == named.end() ? nullptr : &found->second;
}

std::int64_t Arguments::whole(std::size_t place, std::string_view name,
                              std::int64_t otherwise) const {
  const Value* value = find(place, name);
  if (value == nullptr || value->is_none()) return otherwise;
  if (!value->is_whole()) {
    throw TemplateError(
        fmt::format("{} must be a whole number, got a value of type {}", name, value->type_name()));
  }
  return value->whole();
}

std::string Arguments::text(std::size_t place, std::string_view name,
                            std::string_view otherwise) const {
  const Value* value = find(place, name);
  if (value == nullptr || value->is_none()) return std::string(otherwise);
  if (value->text() == nullptr) {
    throw TemplateError(
        fmt::format("{} must be a text, got a value of type {}", name, value->type_name()));
  }
  return *value->text();
}

bool Arguments::flag(std::size_t place, std::string_view name, bool otherwise) const {
  const Value* value = find(place, name);
  return value == nullptr ? otherwise : value->is_true();
}

void Budget::spend(std::size_t work) {
  spent_ += work;
  if (spent_ > bounds_.steps) {
    throw TemplateError("the template does too much: it may loop without end",
                        ErrorCode::kUnsupported);
  }
}

void Budget::spend_on(std::size_t size) {
  constexpr std::size_t kOfOneStep = 64;
  check(size);
  spend(size / kOfOneStep);
}

void Budget::check(std::size_t size) const {
  if (size > bounds_.bytes) {
    throw TemplateError(fmt::format("the template makes more than {} bytes", bounds_.bytes),
                        ErrorCode::kTooLarge);
  }
}

void Run::write(std::string_view text) {
  written_ += text.size();
  check(written_);
  spend_on(text.size());
  out_ += text;
}

Run::Deeper::Deeper(Run& run) : of(run) {
  if (++of.depth_ > of.bounds().depth) {
    --of.depth_;
    throw TemplateError("macros call each other too deeply", ErrorCode::kUnsupported);
  }
}

Namespace* Run::make_namespace() {
  spend();
  return &namespaces_.emplace_back();
}

Loop* Run::make_loop(List elements) {
  spend();
  return &loops_.emplace_back(Loop{.elements = std::move(elements), .index = 0});
}

const Callable* Run::keep(std::unique_ptr<Callable> callable) {
  spend();
  callables_.push_back(std::move(callable));
  return callables_.back().get();
}

}  // namespace npu::text::jinja
