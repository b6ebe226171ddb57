#include "json/number_text.hpp"

#include <gtest/gtest.h>

namespace npu::json {
namespace {

TEST(NumberText, The_number_of_a_member_is_told_as_it_is_written) {
  EXPECT_EQ(number_text(R"({"id":123456789012345678901234567890})", "id"),
            "123456789012345678901234567890");
  EXPECT_EQ(number_text(R"( { "a" : [ { "id" : 1 } , "id" ] , "id" : -0.10e+2 } )", "id"),
            "-0.10e+2");
  EXPECT_EQ(number_text(R"({"id":1,"id":2})", "id"), "2") << "of duplicates the last one counts";
  EXPECT_EQ(number_text(R"({"a":"id","b":"\"id\":3","id":4})", "id"), "4");
  for (const char* text : {"{}", R"({"id":"5"})", R"({"id":[6]})", R"({"x":{"id":7}})",
                           R"({"x":"id"})", R"({"i\u0064":8})"}) {
    EXPECT_EQ(number_text(text, "id"), "") << text;
  }
}

}  // namespace
}  // namespace npu::json
