// How the Python project's hailo-face and hailo-scrfd word their answers, and their failures:
// {"error": message}.
#pragma once

#include <boost/json.hpp>

#include "http/dialect.hpp"
#include "http/response.hpp"

namespace npu::face {

extern const http::Dialect kFlaskDialect;

// Compact, with a line break at the end.
http::Response flask_json(const boost::json::object& body, int status = 200);

}  // namespace npu::face
