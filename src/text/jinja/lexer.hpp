// A template's text to tokens: what is written as it is, and what is in {{ }} and {% %}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace npu::text::jinja {

enum class TokenKind {
  kText,
  kVariableBegin,  // {{
  kVariableEnd,
  kBlockBegin,  // {%
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // of a string without quotes and escapes
  std::size_t line = 1;
};

// With trim_blocks and lstrip_blocks, as chat templates are rendered everywhere: a line that is
// only a block leaves no empty line. Comments and {% raw %} are dealt with here. Throws
// TemplateError.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace npu::text::jinja
