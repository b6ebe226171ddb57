// The one table from error codes to the names on the wire and to HTTP.
#pragma once

#include <optional>
#include <string_view>

#include <npu/result.hpp>

namespace npu {

// "invalid_argument", "not_found", ...: the `code` field of error replies.
std::string_view wire_name(ErrorCode code);
std::optional<ErrorCode> error_code_from_wire(std::string_view name);

// 400..504. Codes that say "not now" (429, 503) go with a Retry-After where Error has one.
int http_status(ErrorCode code);

}  // namespace npu
