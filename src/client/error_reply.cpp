#include "client/error_reply.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/error_table.hpp"
#include "json/fields.hpp"

namespace npu::client {
namespace json = boost::json;
namespace {

constexpr std::int64_t kLongestRetryMs = 24 * 3600 * 1000;

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
  npu::json::Fields in(reply);
  const auto* error = reply.if_contains("error");
  if (error == nullptr && in.text("status") == "ok") return std::nullopt;
  if (error == nullptr && in.text("message")) error = in.find("message");
  Error result{ErrorCode::kMalformed, "the manager's reply has neither status nor error"};
  if (error == nullptr) return result;
  result.message = error->is_string() ? std::string(error->get_string()) : json::serialize(*error);
  result.code = error_code_from_wire(in.text("code").value_or("")).value_or(guess(result.message));
  if (const auto after = in.integer("retry_after_ms", 0, kLongestRetryMs)) {
    result.retry_after = Millis(*after);
  }
  return result;
}

}  // namespace npu::client
