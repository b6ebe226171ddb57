// Tokens to a template.
#pragma once

#include <span>

#include "text/jinja/lexer.hpp"
#include "text/jinja/nodes.hpp"

namespace npu::text::jinja {

// The tokens end with kEnd. Throws TemplateError, which names the line.
Body parse(std::span<const Token> tokens);

}  // namespace npu::text::jinja
