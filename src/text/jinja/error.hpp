// Inside the engine an error unwinds; ChatTemplate makes a Result of it.
#pragma once

#include <stdexcept>
#include <string>

#include <npu/result.hpp>

namespace npu::text::jinja {

class TemplateError : public std::runtime_error {
 public:
  explicit TemplateError(const std::string& what, ErrorCode error = ErrorCode::kInvalidArgument)
      : std::runtime_error(what), code(error) {}

  ErrorCode code;
};

}  // namespace npu::text::jinja
