#include "services/kit/deepstack.hpp"

#include <string>

#include <boost/json.hpp>

namespace npu::kit {
namespace {

http::Response deepstack_error(int status, const Error& error) {
  return http::Response::json({{"success", false}, {"error", error.message}, {"duration", 0}},
                              status);
}

http::Response deepstack_no_route(int status) {
  return deepstack_error(
      status, {ErrorCode::kNotFound, std::string(http::reason_phrase(status)), std::nullopt});
}

}  // namespace

const http::Dialect kDeepStackDialect{"deepstack", deepstack_error, deepstack_no_route};

}  // namespace npu::kit
