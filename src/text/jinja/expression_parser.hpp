// The tokens of an expression to what it is: the grammar of Jinja's parser.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "text/jinja/expressions.hpp"
#include "text/jinja/lexer.hpp"
#include "text/jinja/nodes.hpp"

namespace npu::text::jinja {

class ExpressionParser {
 public:
  explicit ExpressionParser(std::span<const Token> tokens) : tokens_(tokens) {}

  const Token& peek() const { return tokens_[at_]; }
  Token take();
  bool is(TokenKind kind) const { return peek().kind == kind; }
  bool is_operator(std::string_view op) const {
    return is(TokenKind::kOperator) && peek().text == op;
  }
  bool is_name(std::string_view name) const { return is(TokenKind::kName) && peek().text == name; }
  // Takes it where it is the next one.
  bool skip_operator(std::string_view op);
  bool skip_name(std::string_view name);
  void expect_operator(std::string_view op);
  std::string expect_name();
  [[noreturn]] void wrong(std::string_view wanted) const;

  // with_choice: "a if b" may be part of it; not in "for x in xs if b".
  ExpressionPtr expression(bool with_choice = true);
  // The same, or several with commas, which are a list.
  ExpressionPtr tuple(bool with_choice = true);
  // | name(arguments) …
  ExpressionPtr filters(ExpressionPtr of);
  // name(arguments), where the | has been taken
  ExpressionPtr filter(ExpressionPtr of);
  // What stands in the brackets of a call; the first has been taken.
  CallArguments arguments();

 private:
  class Deeper;

  ExpressionPtr choice();
  ExpressionPtr either();
  ExpressionPtr both();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr joined();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filters = true);
  ExpressionPtr primary();
  ExpressionPtr list();
  ExpressionPtr dict();
  ExpressionPtr postfix(ExpressionPtr of);
  ExpressionPtr subscript(ExpressionPtr of);
  ExpressionPtr filters_and_tests(ExpressionPtr of);
  ExpressionPtr test(ExpressionPtr of);
  std::optional<Relation> relation();

  std::span<const Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace npu::text::jinja
