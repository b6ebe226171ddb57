#include "services/pose/pose_dialect.hpp"

#include <boost/json.hpp>

namespace npu::pose {
namespace {

std::string_view type_of(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 503: return "service_unavailable";
    case 504: return "timeout";
    default: return status >= 500 ? "internal_error" : "invalid_request_error";
  }
}

http::Response pose_error(int status, const Error& error) {
  return http::Response::json({{"error", {{"message", error.message}, {"type", type_of(status)}}}},
                              status, http::JsonStyle::kSpaced);
}

http::Response pose_no_route(int status) { return http::kReferenceDialect.no_route(status); }

}  // namespace

const http::Dialect kPoseDialect{"pose", pose_error, pose_no_route};

}  // namespace npu::pose
