// How failures are worded: {"error": text}, as the Python project's hailo-clip has it, and OpenAI's
// {"error": {"message", "type", "param", "code"}} for what OpenAI's clients ask.
#pragma once

#include "http/dialect.hpp"

namespace npu::clip {

extern const http::Dialect kClipDialect;
extern const http::Dialect kOpenAiDialect;

}  // namespace npu::clip
