#include "http/dialect.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

Response plain_error(int status, const Error& error) {
  return Response::text(error.message, status);
}
Response plain_no_route(int status) { return Response::text("?", status); }

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

TEST(Dialect, A_failed_stream_ends_in_an_event_or_a_line_with_the_error) {
  const Error lost{ErrorCode::kDeviceLost, "the device is gone"};
  EXPECT_EQ(stream_failure(kReferenceDialect, StreamFormat::kSse, lost),
            "event: error\ndata: {\"error\": {\"message\": \"the device is gone\", "
            "\"type\": \"service_unavailable\"}}\n\n");
  EXPECT_EQ(stream_failure(kReferenceDialect, StreamFormat::kNdjson, lost),
            "{\"error\": {\"message\": \"the device is gone\", \"type\": "
            "\"service_unavailable\"}}\n");
  EXPECT_EQ(stream_failure(kReferenceDialect, StreamFormat::kBytes, lost), "");
}

TEST(Dialect, A_dialect_may_have_an_unnamed_event_and_a_mark_for_the_end) {
  const Dialect marked{"marked", plain_error, plain_no_route, "", "[DONE]"};
  EXPECT_EQ(stream_failure(marked, StreamFormat::kSse, {ErrorCode::kInternal, "oh\nno"}),
            "data: oh\ndata: no\n\ndata: [DONE]\n\n");
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
