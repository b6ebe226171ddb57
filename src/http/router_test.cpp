#include "http/router.hpp"

#include "http/dialect.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

Handler none() {
  return [](Request) -> awaitable<Result<Response>> { co_return Response::text("x"); };
}

Router sample() {
  Router router;
  router.get("/health", none())
      .post("/v1/models/{name}/load", none())
      .get("/v1/models/{name}", none())
      .add(Method::kDelete, "/v1/models/{name}", none())
      .get("/files/{path...}", none())
      .get("/", none());
  return router;
}

TEST(Router, Parameters_are_decoded_segments) {
  const Router router = sample();
  const auto match = router.find(Method::kPost, "/v1/models/a%2Fb%20c/load");
  ASSERT_TRUE(match);
  ASSERT_NE(match->route, nullptr);
  ASSERT_EQ(match->params.size(), 1U);
  EXPECT_EQ(match->params[0].first, "name");
  EXPECT_EQ(match->params[0].second, "a/b c");
}

TEST(Router, The_rest_of_a_path_can_be_one_parameter) {
  const Router router = sample();
  const auto match = router.find(Method::kGet, "/files/a/b/c.txt");
  ASSERT_TRUE(match && match->route);
  EXPECT_EQ(match->params[0].first, "path");
  EXPECT_EQ(match->params[0].second, "a/b/c.txt");
}

TEST(Router, Another_method_yields_what_is_allowed) {
  const Router router = sample();
  const auto match = router.find(Method::kPost, "/v1/models/x");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route, nullptr);
  EXPECT_EQ(match->allow, "GET, HEAD, DELETE");
}

TEST(Router, Head_finds_the_route_of_get) {
  const Router router = sample();
  EXPECT_EQ(router.find(Method::kHead, "/health")->route->pattern, "/health");
}

TEST(Router, Paths_match_as_a_whole) {
  const Router router = sample();
  for (const char* path :
       {"/healthy", "/health/", "/v1/models/", "/v1/models/x/y", "//health", "/HEALTH"}) {
    const auto match = router.find(Method::kGet, path);
    ASSERT_TRUE(match) << path;
    EXPECT_EQ(match->route, nullptr) << path;
    EXPECT_EQ(match->allow, "") << path;
  }
  EXPECT_NE(router.find(Method::kGet, "/")->route, nullptr);
}

TEST(Router, Wrong_percent_encoding_is_malformed) {
  const Router router = sample();
  for (const char* path : {"/%", "/%4", "/%zz", "/a%00b"}) {
    const auto match = router.find(Method::kGet, path);
    ASSERT_FALSE(match) << path;
    EXPECT_EQ(match.error().code, ErrorCode::kMalformed);
  }
}

// Two APIs on one port.
TEST(Router, What_no_route_fits_is_answered_as_the_routes_beside_it) {
  const Dialect first{"first", nullptr, nullptr};
  const Dialect second{"second", nullptr, nullptr};
  const Handler none;
  Router router;
  router.get("/health", none);
  router.get("/api/tags", none, {.dialect = &first});
  router.post("/v1/chat/completions", none, {.dialect = &second});
  router.get("/v1/pictures/{name}", none, {.dialect = &first});
  const auto dialect = [&](std::string_view path) {
    return router.find(Method::kGet, path)->dialect;
  };
  EXPECT_EQ(dialect("/api/tags"), &first);
  EXPECT_EQ(dialect("/api/nothing"), &first);
  EXPECT_EQ(dialect("/v1/models"), &second);
  EXPECT_EQ(dialect("/v1/chat/completions"), &second) << "another method";
  EXPECT_EQ(dialect("/v1/pictures/x/y"), &first) << "the longer beginning";
  EXPECT_EQ(dialect("/health"), nullptr);
  EXPECT_EQ(dialect("/else"), nullptr);
  EXPECT_EQ(dialect("/"), nullptr);
}

}  // namespace
}  // namespace npu::http
