#include "http/dialect.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

TEST(Dialect, The_reference_envelope_has_message_and_type) {
  const auto response =
      error_response(kReferenceDialect, {ErrorCode::kInvalidArgument, "Missing 'image' field"});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error": {"message": "Missing 'image' field", "type": "invalid_request"}})");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json; charset=utf-8");
}

TEST(Dialect, The_reference_answers_unknown_routes_with_plain_text) {
  EXPECT_EQ(kReferenceDialect.no_route(404).body, "404: Not Found");
  EXPECT_EQ(kReferenceDialect.no_route(405).body, "405: Method Not Allowed");
  EXPECT_EQ(kReferenceDialect.no_route(404).headers.get("Content-Type"),
            "text/plain; charset=utf-8");
}

TEST(Dialect, The_other_envelopes_are_those_of_their_apis) {
  const Error error{ErrorCode::kNotFound, "no model \"x\""};
  EXPECT_EQ(kOcrDialect.error(404, error).body, R"({"success": false, "error": "no model \"x\""})");
  EXPECT_EQ(kOllamaDialect.error(404, error).body, R"({"error":"no model \"x\""})");
  EXPECT_EQ(kOpenAiDialect.error(404, error).body,
            R"({"error":{"message":"no model \"x\"","type":"invalid_request_error","param":null,)"
            R"("code":"not_found"}})");
  EXPECT_EQ(kOllamaDialect.no_route(404).body, R"({"error":"Not found"})");
}

TEST(Dialect, A_message_that_quotes_what_is_not_utf8_is_json_all_the_same) {
  const auto response =
      error_response(kReferenceDialect, {ErrorCode::kInvalidArgument, "no '\xff'"});
  EXPECT_NE(response.body.find("no '\xEF\xBF\xBD'"), std::string::npos) << response.body;
}

TEST(Dialect, Retry_after_is_whole_seconds_rounded_up) {
  const Error busy{ErrorCode::kOverloaded, "busy", Millis(1200)};
  EXPECT_EQ(error_response(kReferenceDialect, busy).headers.get("Retry-After"), "2");
  const Error soon{ErrorCode::kOverloaded, "busy", Millis(0)};
  EXPECT_EQ(error_response(kReferenceDialect, soon).headers.get("Retry-After"), "1");
  const Error unknown{ErrorCode::kOverloaded, "busy"};
  EXPECT_FALSE(error_response(kReferenceDialect, unknown).headers.get("Retry-After"));
}

}  // namespace
}  // namespace npu::http
