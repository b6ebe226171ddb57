#include "text/jinja/parser.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "text/jinja/error.hpp"
#include "text/jinja/expression_parser.hpp"
#include "text/jinja/statements.hpp"

namespace npu::text::jinja {
namespace {

using Names = std::initializer_list<std::string_view>;

class Parser {
 public:
  explicit Parser(std::span<const Token> tokens) : in_(tokens) {}

  Body run() { return body({}); }

 private:
  // Up to one of the blocks that may end it, whose {% and name are taken.
  Body body(Names ends) {
    constexpr int kDeepest = 100;
    if (++depth_ > kDeepest) in_.wrong("fewer blocks within each other");
    Body all;
    for (;;) {
      if (in_.is(TokenKind::kText)) {
        all.add(std::make_unique<Text>(in_.take().text));
      } else if (in_.is(TokenKind::kVariableBegin)) {
        in_.take();
        all.add(std::make_unique<Output>(in_.tuple()));
        expect(TokenKind::kVariableEnd, "'}}'");
      } else if (in_.is(TokenKind::kBlockBegin)) {
        in_.take();
        const std::string_view name = in_.peek().text;
        if (in_.is(TokenKind::kName) && std::ranges::find(ends, name) != ends.end()) {
          ended_by_ = in_.take().text;
          break;
        }
        all.add(block());
      } else if (ends.size() == 0) {
        break;
      } else {
        in_.wrong(fmt::format("{{% {} %}}", *(ends.end() - 1)));
      }
    }
    --depth_;
    return all;
  }

  Body body_to(std::string_view end) {
    end_block();
    Body all = body({end});
    end_block();
    return all;
  }

  void expect(TokenKind kind, std::string_view what) {
    if (!in_.is(kind)) in_.wrong(what);
    in_.take();
  }
  void end_block() { expect(TokenKind::kBlockEnd, "'%}'"); }

  StatementPtr block() {
    if (in_.skip_name("if")) return if_block();
    if (in_.skip_name("for")) return for_block();
    if (in_.skip_name("set")) return set_block();
    if (in_.skip_name("macro")) return macro_block();
    if (in_.skip_name("call")) return call_block();
    if (in_.skip_name("filter")) return filter_block();
    if (in_.skip_name("generation")) return std::make_unique<Group>(body_to("endgeneration"));
    for (const auto& [name, flow] :
         {std::pair("break", Flow::kBreak), {"continue", Flow::kContinue}}) {
      if (!in_.is_name(name)) continue;
      if (loops_ == 0) in_.wrong("a loop around it");
      in_.take();
      end_block();
      return std::make_unique<Jump>(flow);
    }
    in_.wrong("if, for, set, macro, call, filter, generation, break or continue");
  }

  StatementPtr if_block() {
    std::vector<If::Branch> branches;
    ExpressionPtr condition = in_.tuple();
    end_block();
    for (;;) {
      Body then = body({"elif", "else", "endif"});
      branches.emplace_back(std::move(condition), std::move(then));
      if (ended_by_ == "elif") {
        condition = in_.tuple();
        end_block();
        continue;
      }
      if (ended_by_ == "else") {
        end_block();
        branches.emplace_back(nullptr, body({"endif"}));
      }
      end_block();
      return std::make_unique<If>(std::move(branches));
    }
  }

  StatementPtr for_block() {
    For::Parts parts;
    const bool bracketed = in_.skip_operator("(");
    do {
      parts.targets.push_back(in_.expect_name());
    } while (in_.skip_operator(",") && !in_.is_name("in"));
    if (bracketed) in_.expect_operator(")");
    if (!in_.skip_name("in")) in_.wrong("'in'");
    parts.of = in_.tuple(false);
    if (in_.skip_name("if")) parts.condition = in_.expression();
    end_block();
    ++loops_;
    parts.body = body({"else", "endfor"});
    --loops_;
    if (ended_by_ == "else") {
      end_block();
      parts.otherwise = body({"endfor"});
    }
    end_block();
    return std::make_unique<For>(std::move(parts));
  }

  Target target() {
    Target one{in_.expect_name(), {}};
    if (in_.skip_operator(".")) one.member = in_.expect_name();
    return one;
  }

  FilteredBody filtered_body(ExpressionPtr filtered, std::string_view end) {
    return {.body = body_to(end), .filtered = std::move(filtered)};
  }

  StatementPtr set_block() {
    std::vector<Target> targets;
    const bool bracketed = in_.skip_operator("(");
    do {
      targets.push_back(target());
    } while (in_.skip_operator(","));
    if (bracketed) in_.expect_operator(")");
    if (in_.skip_operator("=")) {
      ExpressionPtr value = in_.tuple();
      end_block();
      return std::make_unique<Set>(std::move(targets), std::move(value));
    }
    if (targets.size() != 1) in_.wrong("'='");
    ExpressionPtr filtered;
    if (in_.is_operator("|")) {
      filtered = in_.filters(std::make_unique<Name>(FilteredBody::kWritten));
    }
    return std::make_unique<SetBlock>(targets.front(),
                                      filtered_body(std::move(filtered), "endset"));
  }

  StatementPtr filter_block() {
    ExpressionPtr filtered =
        in_.filters(in_.filter(std::make_unique<Name>(FilteredBody::kWritten)));
    return std::make_unique<FilterBlock>(filtered_body(std::move(filtered), "endfilter"));
  }

  // In brackets, of which the first has been taken.
  void parameters(MacroParts& parts) {
    for (bool is_first = true; !in_.skip_operator(")"); is_first = false) {
      if (!is_first) in_.expect_operator(",");
      std::string name = in_.expect_name();
      ExpressionPtr otherwise = in_.skip_operator("=") ? in_.expression() : nullptr;
      parts.parameters.emplace_back(std::move(name), std::move(otherwise));
    }
  }

  // A loop around it does not go on in it.
  Body own_body(std::string_view end) {
    const int around = std::exchange(loops_, 0);
    Body all = body_to(end);
    loops_ = around;
    return all;
  }

  StatementPtr macro_block() {
    MacroParts parts{.name = in_.expect_name(), .parameters = {}, .body = {}};
    in_.expect_operator("(");
    parameters(parts);
    parts.body = own_body("endmacro");
    return std::make_unique<MacroDefinition>(std::move(parts));
  }

  StatementPtr call_block() {
    MacroParts caller{.name = "caller", .parameters = {}, .body = {}};
    if (in_.skip_operator("(")) parameters(caller);
    ExpressionPtr called = in_.expression();
    const auto* call = dynamic_cast<const Call*>(called.get());
    if (call == nullptr) in_.wrong("the call of a macro");
    (void)called.release();
    std::unique_ptr<const Call> owned(call);
    caller.body = own_body("endcall");
    return std::make_unique<CallBlock>(std::move(owned), std::move(caller));
  }

  ExpressionParser in_;
  std::string ended_by_;
  int depth_ = 0;
  int loops_ = 0;
};

}  // namespace

Body parse(std::span<const Token> tokens) { return Parser(tokens).run(); }

}  // namespace npu::text::jinja
