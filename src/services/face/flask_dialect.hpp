// How the Python project's hailo-face and hailo-scrfd word their failures: {"error": message}.
#pragma once

#include "http/dialect.hpp"

namespace npu::face {

extern const http::Dialect kFlaskDialect;

}  // namespace npu::face
