#include "http/cors.hpp"

#include <gmock/gmock.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(CorsPolicy, Origins_are_what_browsers_send) {
  for (const char* origin : {"*", "https://portal.local", "http://[::1]:8080", "app://host"}) {
    EXPECT_TRUE(CorsPolicy::make({origin})) << origin;
  }
  for (const char* origin :
       {"", "portal.local", "https://", "https://portal.local/", "https://*.local",
        "https://Portal.local", "https://a b", "https://u@h", "null"}) {
    const auto policy = CorsPolicy::make({origin});
    ASSERT_FALSE(policy) << origin;
    EXPECT_THAT(policy.error().message, HasSubstr("server.cors_origins"));
  }
}

class Cors : public ServerTest {
 protected:
  void start_for(std::vector<std::string> origins) {
    start({.api_keys = {"key"}, .cors = *CorsPolicy::make(std::move(origins))});
  }
  std::string ask(const std::string& line, const std::string& fields) {
    return exchange(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
  }
  std::string preflight(const std::string& path, const std::string& origin) {
    return ask("OPTIONS " + path, "Origin: " + origin +
                                      "\r\nAccess-Control-Request-Method: POST\r\n"
                                      "Access-Control-Request-Headers: authorization\r\n");
  }
};

TEST_F(Cors, By_default_no_page_may_use_the_service) {
  start({});
  EXPECT_THAT(ask("GET /hello", "Origin: https://a\r\n"), Not(HasSubstr("Access-Control")));
  EXPECT_THAT(preflight("/echo", "https://a"), StartsWith("HTTP/1.1 405"));
}

TEST_F(Cors, An_allowed_page_is_told_so_with_every_answer_and_asks_before_without_a_key) {
  start_for({"https://a", "https://b"});
  const std::string asked = preflight("/echo", "https://b");
  EXPECT_THAT(asked, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(asked, HasSubstr("Access-Control-Allow-Origin: https://b\r\n"));
  EXPECT_THAT(asked, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
  EXPECT_THAT(asked, HasSubstr("Access-Control-Allow-Headers: authorization\r\n"));
  EXPECT_THAT(asked, HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(asked, Not(HasSubstr("Credentials")));
  for (const char* key : {"", "Authorization: Bearer key\r\n"}) {
    const std::string answer = ask("GET /hello", std::string("Origin: https://a\r\n") + key);
    EXPECT_THAT(answer, StartsWith(*key == '\0' ? "HTTP/1.1 401" : "HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: https://a\r\n"));
    EXPECT_THAT(answer, HasSubstr("Access-Control-Expose-Headers: X-Request-Id"));
  }
  EXPECT_THAT(ask("GET /stream", "Origin: https://a\r\nAuthorization: Bearer key\r\n"),
              HasSubstr("Access-Control-Allow-Origin: https://a\r\n"));
}

TEST_F(Cors, Others_are_not_and_caches_are_told_that_it_depends) {
  start_for({"https://a"});
  for (const char* origin : {"https://a.evil", "http://a", "null", "https://A"}) {
    EXPECT_THAT(preflight("/echo", origin), StartsWith("HTTP/1.1 405")) << origin;
    const std::string answer = ask("GET /open", std::string("Origin: ") + origin + "\r\n");
    EXPECT_THAT(answer, Not(HasSubstr("Access-Control"))) << origin;
    EXPECT_THAT(answer, HasSubstr("Vary: Origin\r\n"));
  }
  EXPECT_THAT(ask("GET /open", ""), HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(preflight("/nothing", "https://a"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("OPTIONS /echo", "Origin: https://a\r\n"), StartsWith("HTTP/1.1 405"));
}

TEST_F(Cors, All_origins_are_one_answer) {
  start_for({"*"});
  const std::string answer = ask("GET /open", "Origin: https://whoever\r\n");
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Vary")));
}

}  // namespace
}  // namespace npu::http
