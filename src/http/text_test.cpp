#include <gtest/gtest.h>

#include "http/connection_text.hpp"
#include "http/url_text.hpp"

namespace npu::http {
namespace {

TEST(UrlText, Queries_are_decoded) {
  const auto query = Query::parse("a=1&b=x%20y+z&&c&a=2&=e");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->get("a"), "1");
  EXPECT_EQ(query->get("b"), "x y z");
  EXPECT_EQ(query->get("c"), "");
  EXPECT_FALSE(query->get("d"));
  EXPECT_EQ(Query::parse("a=%g0%")->get("a"), "%g0%");
  EXPECT_EQ(Query::parse("a=|\xc3\xa9\"[")->get("a"), "|\xc3\xa9\"[");
  EXPECT_FALSE(Query::parse("a=%00"));
}

TEST(UrlText, Targets_in_origin_and_absolute_form) {
  EXPECT_EQ(split_target("/a/b?c=d?e")->path, "/a/b");
  EXPECT_EQ(split_target("/a/b?c=d?e")->query, "c=d?e");
  EXPECT_EQ(split_target("http://host:1/a?b")->path, "/a");
  EXPECT_EQ(split_target("http://host?b")->query, "b");
  EXPECT_EQ(split_target("http://host")->path, "/");
  EXPECT_FALSE(split_target("*"));
  EXPECT_FALSE(split_target("host:443"));
}

TEST(ConnectionText, A_request_id_cannot_forge_anything) {
  EXPECT_TRUE(is_sane_request_id("abc-DEF_1.2:3"));
  EXPECT_FALSE(is_sane_request_id(""));
  EXPECT_FALSE(is_sane_request_id("a b"));
  EXPECT_FALSE(is_sane_request_id("a\"b"));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'a')));
  EXPECT_TRUE(is_sane_request_id(make_request_id()));
  EXPECT_NE(make_request_id(), make_request_id());
}

TEST(ConnectionText, A_header_value_cannot_split_the_response) {
  Response response = Response::text("x");
  response.headers.add("X-Good", "1");
  response.headers.add("X-Bad", "1\r\nSet-Cookie: a=b");
  response.headers.add("X Bad", "2");
  const auto head = response_head(response, {.id = "abc"});
  EXPECT_NE(head.find("X-Good: 1\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Bad"), std::string::npos);
  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
  EXPECT_NE(head.find("X-Request-Id: abc\r\n"), std::string::npos);
}

}  // namespace
}  // namespace npu::http
