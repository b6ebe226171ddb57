// Fields of requests that are of hailo-face alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "services/kit/options.hpp"
#include "services/kit/picture_input.hpp"

namespace npu::face {

// [x, y, width, height] in pixels of the picture, as JSON or, in forms, as that text. Nothing where
// the field is absent. kInvalidArgument: it is something else, or has no area.
Result<std::optional<kit::Box>> read_box(const kit::Fields& fields, std::string_view name);

// The field's text. kInvalidArgument: "Missing 'name' field".
Result<std::string> needed_text(kit::Fields& fields, std::string_view name);

// The same of a request without a picture, read on the pool: JSON, multipart/form-data or a form as
// HTML has it. What is no form is JSON. The references outlive the call.
http::awaitable<Result<std::string>> needed_text(http::WorkPool& pool, const http::Request& request,
                                                 std::string_view name);

}  // namespace npu::face
