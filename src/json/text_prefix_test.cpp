#include "json/text_prefix.hpp"

#include <gtest/gtest.h>

namespace npu::json {
namespace {

namespace bj = boost::json;

TEST(TextPrefix, A_short_value_is_whole) {
  const bj::value value = bj::parse(R"({"a":[1,"\"",null,2.5]})");
  EXPECT_EQ(text_prefix(value, 1000), bj::serialize(value));
  EXPECT_EQ(text_prefix(value, bj::serialize(value).size()), bj::serialize(value));
}

TEST(TextPrefix, A_long_one_is_cut_wherever_it_is) {
  const bj::value value = bj::parse(R"([1,{"key":"text"},"\\\\\\",3.25e100,true])");
  const std::string whole = bj::serialize(value);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(text_prefix(value, bytes), whole.substr(0, bytes));
  }
  EXPECT_EQ(text_prefix(bj::value(std::string(1 << 20, 'b')), 5), "\"bbbb");
}

}  // namespace
}  // namespace npu::json
