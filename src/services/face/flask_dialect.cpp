#include "services/face/flask_dialect.hpp"

#include <string>

#include "json/write.hpp"

namespace npu::face {
namespace {

http::Response flask_error(int status, const Error& error) {
  return flask_json({{"error", error.message}}, status);
}

http::Response flask_no_route(int status) {
  return flask_json({{"error", status == 404 ? std::string("Endpoint not found")
                                             : std::string(http::reason_phrase(status))}},
                    status);
}

}  // namespace

http::Response flask_json(const boost::json::object& body, int status) {
  return http::Response::bytes(npu::json::write(body) + '\n', "application/json", status);
}

const http::Dialect kFlaskDialect{"flask", flask_error, flask_no_route};

}  // namespace npu::face
