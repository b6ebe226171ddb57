#include "base/error_table.hpp"

#include <array>

namespace npu {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int http;
};

constexpr std::array<Row, 17> kTable{{
    {ErrorCode::kInvalidArgument, "invalid_argument", 400},
    {ErrorCode::kMalformed, "malformed", 400},
    {ErrorCode::kUnsupportedMediaType, "unsupported_media_type", 415},
    {ErrorCode::kNotFound, "not_found", 404},
    {ErrorCode::kUnsupported, "unsupported", 501},
    {ErrorCode::kTooLarge, "too_large", 413},
    {ErrorCode::kPermission, "permission_denied", 403},
    {ErrorCode::kQuotaExceeded, "quota_exceeded", 429},
    {ErrorCode::kOverloaded, "overloaded", 503},
    {ErrorCode::kDeadlineExceeded, "deadline_exceeded", 504},
    {ErrorCode::kCancelled, "cancelled", 499},
    {ErrorCode::kDoesNotFit, "does_not_fit", 503},
    {ErrorCode::kBusy, "busy", 503},
    {ErrorCode::kDeviceLost, "device_lost", 503},
    {ErrorCode::kVersionMismatch, "version_mismatch", 503},
    {ErrorCode::kUnavailable, "unavailable", 503},
    {ErrorCode::kInternal, "internal", 500},
}};

}  // namespace

std::string_view wire_name(ErrorCode code) {
  return kTable.at(static_cast<std::size_t>(code)).name;
}

std::optional<ErrorCode> error_code_from_wire(std::string_view name) {
  for (const Row& row : kTable) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

int http_status(ErrorCode code) { return kTable.at(static_cast<std::size_t>(code)).http; }

}  // namespace npu
