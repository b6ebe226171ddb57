#include "text/jinja/expression_parser.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "text/jinja/error.hpp"

namespace npu::text::jinja {

class ExpressionParser::Deeper {
 public:
  explicit Deeper(ExpressionParser& of) : of_(of) {
    constexpr int kDeepest = 100;
    if (++of_.depth_ > kDeepest) of_.wrong("an expression that is nested less deeply");
  }
  ~Deeper() { --of_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  ExpressionParser& of_;
};

Token ExpressionParser::take() {
  Token token = peek();
  if (token.kind != TokenKind::kEnd) ++at_;
  return token;
}

bool ExpressionParser::skip_operator(std::string_view op) {
  if (!is_operator(op)) return false;
  ++at_;
  return true;
}

bool ExpressionParser::skip_name(std::string_view name) {
  if (!is_name(name)) return false;
  ++at_;
  return true;
}

void ExpressionParser::expect_operator(std::string_view op) {
  if (!skip_operator(op)) wrong(fmt::format("'{}'", op));
}

std::string ExpressionParser::expect_name() {
  if (!is(TokenKind::kName)) wrong("a name");
  return take().text;
}

void ExpressionParser::wrong(std::string_view wanted) const {
  const std::string got = is(TokenKind::kEnd)
                              ? "the template's end"
                              : fmt::format("'{}'", for_terminal(utf8_prefix(peek().text, 32)));
  throw TemplateError(fmt::format("line {}: {} is wanted, got {}", peek().line, wanted, got),
                      ErrorCode::kMalformed);
}

ExpressionPtr ExpressionParser::expression(bool with_choice) {
  const Deeper deeper(*this);
  return with_choice ? choice() : either();
}

ExpressionPtr ExpressionParser::tuple(bool with_choice) {
  ExpressionPtr first = expression(with_choice);
  if (!is_operator(",")) return first;
  std::vector<ExpressionPtr> all;
  all.push_back(std::move(first));
  while (skip_operator(",")) {
    if (is(TokenKind::kVariableEnd) || is(TokenKind::kBlockEnd) || is_operator(")")) break;
    all.push_back(expression(with_choice));
  }
  return std::make_unique<ListOf>(std::move(all), true);
}

ExpressionPtr ExpressionParser::choice() {
  ExpressionPtr value = either();
  while (skip_name("if")) {
    ExpressionPtr condition = either();
    ExpressionPtr otherwise = skip_name("else") ? expression() : nullptr;
    value = std::make_unique<Choice>(std::move(condition), std::move(value), std::move(otherwise));
  }
  return value;
}

ExpressionPtr ExpressionParser::either() {
  ExpressionPtr left = both();
  while (skip_name("or")) {
    left = std::make_unique<Logic>(Logic::Kind::kOr, std::move(left), both());
  }
  return left;
}

ExpressionPtr ExpressionParser::both() {
  ExpressionPtr left = negation();
  while (skip_name("and")) {
    left = std::make_unique<Logic>(Logic::Kind::kAnd, std::move(left), negation());
  }
  return left;
}

ExpressionPtr ExpressionParser::negation() {
  const Deeper deeper(*this);
  if (skip_name("not")) return std::make_unique<Not>(negation());
  return comparison();
}

std::optional<Relation> ExpressionParser::relation() {
  constexpr std::array<std::pair<std::string_view, Relation>, 6> kAll{
      {{"==", Relation::kEqual},
       {"!=", Relation::kUnequal},
       {"<", Relation::kLess},
       {"<=", Relation::kLessOrEqual},
       {">", Relation::kGreater},
       {">=", Relation::kGreaterOrEqual}}};
  for (const auto& [op, relation] : kAll) {
    if (skip_operator(op)) return relation;
  }
  if (skip_name("in")) return Relation::kIn;
  if (is_name("not") && tokens_[at_ + 1].kind == TokenKind::kName &&
      tokens_[at_ + 1].text == "in") {
    at_ += 2;
    return Relation::kNotIn;
  }
  return std::nullopt;
}

ExpressionPtr ExpressionParser::comparison() {
  ExpressionPtr first = sum();
  std::vector<Comparison::Operand> others;
  while (const auto how = relation()) others.emplace_back(*how, sum());
  if (others.empty()) return first;
  return std::make_unique<Comparison>(std::move(first), std::move(others));
}

ExpressionPtr ExpressionParser::sum() {
  ExpressionPtr left = joined();
  for (;;) {
    const bool adds = is_operator("+");
    if (!adds && !is_operator("-")) return left;
    ++at_;
    left = std::make_unique<Arithmetic>(adds ? Operator::kAdd : Operator::kSubtract,
                                        std::move(left), joined());
  }
}

ExpressionPtr ExpressionParser::joined() {
  ExpressionPtr left = product();
  while (skip_operator("~")) {
    left = std::make_unique<Arithmetic>(Operator::kJoin, std::move(left), product());
  }
  return left;
}

ExpressionPtr ExpressionParser::product() {
  constexpr std::array<std::pair<std::string_view, Operator>, 4> kAll{
      {{"*", Operator::kMultiply},
       {"/", Operator::kDivide},
       {"//", Operator::kFloorDivide},
       {"%", Operator::kModulo}}};
  ExpressionPtr left = power();
  for (bool found = true; found;) {
    found = false;
    for (const auto& [op, what] : kAll) {
      if (!skip_operator(op)) continue;
      left = std::make_unique<Arithmetic>(what, std::move(left), power());
      found = true;
    }
  }
  return left;
}

ExpressionPtr ExpressionParser::power() {
  ExpressionPtr left = unary();
  while (skip_operator("**")) {
    left = std::make_unique<Arithmetic>(Operator::kPower, std::move(left), unary());
  }
  return left;
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
  const Deeper deeper(*this);
  ExpressionPtr value;
  if (skip_operator("-")) {
    value = std::make_unique<Negative>(unary(false));
  } else if (skip_operator("+")) {
    value = unary(false);
  } else {
    value = primary();
  }
  value = postfix(std::move(value));
  return with_filters ? filters_and_tests(std::move(value)) : std::move(value);
}

ExpressionPtr ExpressionParser::primary() {
  if (is(TokenKind::kString)) {
    std::string text = take().text;
    while (is(TokenKind::kString)) text += take().text;
    return std::make_unique<Literal>(std::move(text));
  }
  if (is(TokenKind::kInteger)) {
    const std::string digits = peek().text;
    std::int64_t number = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end.ec != std::errc()) wrong("a smaller number");
    ++at_;
    return std::make_unique<Literal>(number);
  }
  if (is(TokenKind::kFloat))
    return std::make_unique<Literal>(std::strtod(take().text.c_str(), nullptr));
  if (is(TokenKind::kName)) {
    const std::string name = take().text;
    if (name == "true" || name == "True") return std::make_unique<Literal>(true);
    if (name == "false" || name == "False") return std::make_unique<Literal>(false);
    if (name == "none" || name == "None") return std::make_unique<Literal>(Value());
    return std::make_unique<Name>(name);
  }
  if (skip_operator("(")) {
    if (skip_operator(")")) return std::make_unique<ListOf>(std::vector<ExpressionPtr>(), true);
    ExpressionPtr value = tuple();
    expect_operator(")");
    return value;
  }
  if (skip_operator("[")) return list();
  if (skip_operator("{")) return dict();
  wrong("an expression");
}

ExpressionPtr ExpressionParser::list() {
  std::vector<ExpressionPtr> elements;
  while (!skip_operator("]")) {
    if (!elements.empty()) {
      expect_operator(",");
      if (skip_operator("]")) break;
    }
    elements.push_back(expression());
  }
  return std::make_unique<ListOf>(std::move(elements), false);
}

ExpressionPtr ExpressionParser::dict() {
  std::vector<DictOf::Item> items;
  while (!skip_operator("}")) {
    if (!items.empty()) {
      expect_operator(",");
      if (skip_operator("}")) break;
    }
    ExpressionPtr key = expression();
    expect_operator(":");
    items.emplace_back(std::move(key), expression());
  }
  return std::make_unique<DictOf>(std::move(items));
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr of) {
  for (;;) {
    if (skip_operator(".")) {
      if (is(TokenKind::kInteger)) {
        ExpressionPtr index = primary();
        of = std::make_unique<Element>(std::move(of), std::move(index));
      } else {
        of = std::make_unique<Attribute>(std::move(of), expect_name());
      }
    } else if (skip_operator("[")) {
      of = subscript(std::move(of));
    } else if (skip_operator("(")) {
      of = std::make_unique<Call>(std::move(of), arguments());
    } else {
      return of;
    }
  }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr of) {
  Slice::Ends ends;
  if (!is_operator(":")) ends.begin = expression();
  if (ends.begin && skip_operator("]")) {
    return std::make_unique<Element>(std::move(of), std::move(ends.begin));
  }
  expect_operator(":");
  if (!is_operator(":") && !is_operator("]")) ends.end = expression();
  if (skip_operator(":") && !is_operator("]")) ends.step = expression();
  expect_operator("]");
  return std::make_unique<Slice>(std::move(of), std::move(ends));
}

CallArguments ExpressionParser::arguments() {
  CallArguments arguments;
  for (bool is_first = true; !skip_operator(")"); is_first = false) {
    if (!is_first) {
      expect_operator(",");
      if (skip_operator(")")) break;
    }
    const bool named = is(TokenKind::kName) && tokens_[at_ + 1].kind == TokenKind::kOperator &&
                       tokens_[at_ + 1].text == "=";
    if (skip_operator("*")) {
      if (arguments.more) wrong("one * only");
      arguments.more = expression();
    } else if (skip_operator("**")) {
      if (arguments.more_named) wrong("one ** only");
      arguments.more_named = expression();
    } else if (named) {
      std::string name = take().text;
      ++at_;
      arguments.named.emplace_back(std::move(name), expression());
    } else if (arguments.named.empty() && !arguments.more && !arguments.more_named) {
      arguments.positional.push_back(expression());
    } else {
      wrong("an argument with its name");
    }
  }
  return arguments;
}

ExpressionPtr ExpressionParser::filter(ExpressionPtr of) {
  const std::string name = is(TokenKind::kName) ? peek().text : std::string();
  const Filter found = find_filter(name);
  if (found == nullptr) wrong("the name of a filter");
  ++at_;
  CallArguments given;
  if (skip_operator("(")) given = arguments();
  return std::make_unique<Filtered>(found, std::move(of), std::move(given));
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr of) {
  while (skip_operator("|")) of = filter(std::move(of));
  return of;
}

ExpressionPtr ExpressionParser::filters_and_tests(ExpressionPtr of) {
  for (;;) {
    if (skip_operator("|")) {
      of = filter(std::move(of));
    } else if (skip_name("is")) {
      of = test(std::move(of));
    } else if (skip_operator("(")) {
      of = std::make_unique<Call>(std::move(of), arguments());
    } else {
      return of;
    }
  }
}

ExpressionPtr ExpressionParser::test(ExpressionPtr of) {
  const bool negated = skip_name("not");
  const std::string name = is(TokenKind::kName) ? peek().text : std::string();
  const Test found = find_test(name);
  if (found == nullptr) wrong("the name of a test");
  ++at_;
  CallArguments given;
  if (skip_operator("(")) {
    given = arguments();
  } else {
    const bool ends = is_name("else") || is_name("or") || is_name("and") || is_name("if") ||
                      is_name("is") || is_name("in") || is_name("not");
    const bool begins = is(TokenKind::kName) || is(TokenKind::kString) || is(TokenKind::kInteger) ||
                        is(TokenKind::kFloat) || is_operator("[") || is_operator("{");
    if (begins && !ends) given.positional.push_back(postfix(primary()));
  }
  return std::make_unique<Tested>(found, negated, std::move(of), std::move(given));
}

}  // namespace npu::text::jinja
