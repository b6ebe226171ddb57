// How DeepStack words its failures: {"success": false, "error": message, "duration": 0}.
#pragma once

#include "http/dialect.hpp"

namespace npu::kit {

extern const http::Dialect kDeepStackDialect;

}  // namespace npu::kit
