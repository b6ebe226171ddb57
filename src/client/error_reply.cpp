#include "client/error_reply.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/error_table.hpp"

namespace npu::client {
namespace json = boost::json;
namespace {

constexpr std::array<std::pair<std::string_view, ErrorCode>, 12> kTexts{{
    {"Unknown action", ErrorCode::kUnsupported},
    {"model_path required", ErrorCode::kInvalidArgument},
    {"model_path and input_data required", ErrorCode::kInvalidArgument},
    {"Model path not allowed", ErrorCode::kPermission},
    {"Model file not found", ErrorCode::kNotFound},
    {"Failed to load model: Unsupported model_type", ErrorCode::kInvalidArgument},
    {"Message too large", ErrorCode::kTooLarge},
    {"Response too large", ErrorCode::kTooLarge},
    {"RESOURCE_EXHAUSTED", ErrorCode::kDoesNotFit},
    {"Device manager runtime unavailable", ErrorCode::kUnavailable},
    {"Device not initialized", ErrorCode::kUnavailable},
    {"invalid JSON", ErrorCode::kMalformed},
}};

ErrorCode guess(std::string_view text) {
  for (const auto& [start, code] : kTexts) {
    if (text.starts_with(start)) return code;
  }
  return ErrorCode::kInternal;
}

}  // namespace

std::optional<Error> error_in(const json::object& reply) {
  const auto* status = reply.if_contains("status");
  const auto* error = reply.if_contains("error");
  if (error == nullptr) {
    if (status != nullptr && *status == "ok") return std::nullopt;
    const auto* message = reply.if_contains("message");
    if (message != nullptr && message->is_string()) error = message;
  }
  Error result{ErrorCode::kMalformed, "the manager's reply has neither status nor error"};
  if (error == nullptr) return result;
  result.message = error->is_string() ? std::string(error->get_string()) : json::serialize(*error);
  const auto* code = reply.if_contains("code");
  const auto known = code != nullptr && code->is_string()
                         ? error_code_from_wire(std::string_view(code->get_string()))
                         : std::nullopt;
  result.code = known.value_or(guess(result.message));
  const auto* after = reply.if_contains("retry_after_ms");
  if (after != nullptr && after->is_int64() && after->get_int64() >= 0) {
    result.retry_after = Millis(after->get_int64());
  }
  return result;
}

}  // namespace npu::client
