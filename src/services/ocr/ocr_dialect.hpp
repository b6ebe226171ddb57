// How the Python project's hailo-ocr words its failures: {"success": false, "error": text}.
#pragma once

#include "http/dialect.hpp"

namespace npu::ocr {

extern const http::Dialect kOcrDialect;

}  // namespace npu::ocr
