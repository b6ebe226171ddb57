#include "services/ocr/ocr_dialect.hpp"

#include <boost/json.hpp>

namespace npu::ocr {
namespace {

http::Response ocr_error(int status, const Error& error) {
  return http::Response::json({{"success", false}, {"error", error.message}}, status,
                              http::JsonStyle::kSpaced);
}

http::Response ocr_no_route(int status) { return http::kReferenceDialect.no_route(status); }

}  // namespace

const http::Dialect kOcrDialect{"ocr", ocr_error, ocr_no_route};

}  // namespace npu::ocr
