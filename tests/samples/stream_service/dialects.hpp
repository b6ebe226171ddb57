// How two APIs that share a port word their failures.
#pragma once

#include "http/dialect.hpp"

// {"error":{"message","type","param","code"}}. A failed stream of events ends in one without a
// name, as clients of chat completions expect it, and then in [DONE].
extern const npu::http::Dialect kOpenAiDialect;

// {"error":text}, in a stream as its last line.
extern const npu::http::Dialect kOllamaDialect;
