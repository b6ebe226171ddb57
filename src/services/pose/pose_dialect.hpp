// How the Python project's hailo-pose words its failures: {"error": {"message", "type"}}, the type
// of a client's mistake being invalid_request_error.
#pragma once

#include "http/dialect.hpp"

namespace npu::pose {

extern const http::Dialect kPoseDialect;

}  // namespace npu::pose
