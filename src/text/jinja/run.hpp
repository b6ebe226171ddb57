// One rendering: what is written, which names there are, and how much may still be done.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/jinja/budget.hpp"
#include "text/jinja/value.hpp"

namespace npu::text::jinja {

// Names point into the template.
class Scope {
 public:
  explicit Scope(const Scope* parent) : parent_(parent) {}

  const Value* find(std::string_view name) const;
  void set(std::string_view name, Value value);

  // A macro remembers it, and so those around it.
  void keep() const {
    for (const Scope* scope = this; scope != nullptr && !scope->kept_; scope = scope->parent_) {
      scope->kept_ = true;
    }
  }
  bool is_kept() const { return kept_; }

 private:
  const Scope* parent_;
  mutable bool kept_ = false;
  std::vector<std::pair<std::string_view, Value>> values_;
};

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  // The argument at this place or of this name; nullptr where it is not given.
  const Value* find(std::size_t place, std::string_view name) const;
  // `otherwise` where it is not given.
  std::int64_t whole(std::size_t place, std::string_view name, std::int64_t otherwise) const;
  std::string text(std::size_t place, std::string_view name, std::string_view otherwise) const;
  bool flag(std::size_t place, std::string_view name, bool otherwise) const;
};

class Run : public Budget {
 public:
  Run(const Bounds& bounds, std::string today) : Budget(bounds), today_(std::move(today)) {}

  void write(std::string_view text);
  // What body() writes, instead of writing it.
  template <class Body>
  std::string captured(Body body) {
    std::string outer = std::exchange(out_, {});
    body();
    return std::exchange(out_, std::move(outer));
  }
  std::string take_output() { return std::move(out_); }

  Scope& scope() { return *scope_; }
  // body() with names of its own, which see those of `parent`.
  template <class Body>
  auto within(const Scope& parent, Body body) {
    const Entered entered(*this, parent);
    return body();
  }
  template <class Body>
  auto within(Body body) {
    return within(*scope_, body);
  }
  // A macro calls: body() one deeper.
  template <class Body>
  auto deeper(Body body) {
    const Deeper deeper(*this);
    return body();
  }

  Namespace* make_namespace();
  Loop* make_loop(List elements);
  // Keeps it until the rendering ends.
  const Callable* keep(std::unique_ptr<Callable> callable);
  std::string_view today() const { return today_; }

 private:
  struct Entered {
    Entered(Run& run, const Scope& parent) : of(run), before(run.scope_) {
      run.scope_ = &run.scopes_.emplace_back(&parent);
    }
    ~Entered() {
      of.scope_ = before;
      while (!of.scopes_.back().is_kept() && &of.scopes_.back() != before) of.scopes_.pop_back();
    }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    Run& of;
    Scope* before;
  };
  struct Deeper {
    explicit Deeper(Run& run);
    ~Deeper() { --of.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Run& of;
  };

  std::string today_;
  std::string out_;
  std::size_t written_ = 0;
  int depth_ = 0;
  // Those that macros remember live as long as the rendering.
  std::deque<Scope> scopes_;
  Scope* scope_ = &scopes_.emplace_back(nullptr);
  std::deque<Namespace> namespaces_;
  std::deque<Loop> loops_;
  std::vector<std::unique_ptr<Callable>> callables_;
};

class Callable {
 public:
  virtual ~Callable() = default;
  virtual Value call(Run& run, const Arguments& arguments) const = 0;
};

}  // namespace npu::text::jinja
