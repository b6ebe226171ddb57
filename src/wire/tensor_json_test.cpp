#include "wire/tensor_json.hpp"

#include <gtest/gtest.h>

namespace npu::wire {
namespace json = boost::json;
namespace {

Result<TensorRef> parse(std::string_view text) { return parse_tensor(json::parse(text)); }

TEST(TensorJson, The_three_places) {
  const auto base64 = parse(R"({"dtype":"uint8","shape":[3],"data_b64":"AAEC"})");
  ASSERT_TRUE(base64) << base64.error().message;
  EXPECT_EQ(
      std::get<InRegion>(parse(R"({"dtype":"float32","shape":[2],"region":7,"offset":64})")->place)
          .offset,
      64U);
  EXPECT_EQ(
      std::get<InRegion>(parse(R"({"dtype":"float32","shape":[2],"region":7})")->place).offset, 0U);
  EXPECT_EQ(
      std::get<InTail>(parse(R"({"dtype":"float32","shape":[2],"tail":[4,8]})")->place).offset, 4U);
}

TEST(TensorJson, Missing_fields_give_the_text_that_clients_know) {
  for (const char* text :
       {"{}", "1", R"({"dtype":"uint8","shape":[1]})", R"({"shape":[1],"data_b64":"AA=="})",
        R"({"dtype":"uint8","data_b64":"AA=="})",
        R"({"dtype":"uint8","shape":[0],"data_b64":""})"}) {
    EXPECT_EQ(parse(text).error().message, "tensor must include dtype, shape, and data_b64")
        << text;
  }
}

TEST(TensorJson, Hostile_tensors_are_refused) {
  for (const char* text : {
           R"({"dtype":"object","shape":[1],"data_b64":"AA=="})",
           R"({"dtype":1,"shape":[1],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":1,"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":["1"],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[1.0],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[-1],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[2],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[4294967296,4294967296],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[18446744073709551615],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[1,1,1,1,1,1,1,1,1],"data_b64":"AA=="})",
           R"({"dtype":"uint8","shape":[1],"data_b64":5})",
           R"({"dtype":"uint8","shape":[1],"data_b64":"A"})",
           R"({"dtype":"uint8","shape":[1],"tail":[0]})",
           R"({"dtype":"uint8","shape":[1],"tail":[-1,1]})",
           R"({"dtype":"uint8","shape":[1],"tail":[0,2]})",
           R"({"dtype":"uint8","shape":[1],"region":-1})",
           R"({"dtype":"uint8","shape":[1],"region":"1"})",
           R"({"dtype":"uint8","shape":[1],"region":1,"offset":1.5})",
       }) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(TensorJson, Bounds_do_not_overflow) {
  EXPECT_TRUE(within(0, 10, 10));
  EXPECT_TRUE(within(10, 0, 10));
  EXPECT_FALSE(within(1, 10, 10));
  EXPECT_FALSE(within(SIZE_MAX, 2, 10));
  EXPECT_FALSE(within(2, SIZE_MAX, 10));
}

TEST(TensorJson, Tensors_at_any_depth_are_written_as_base64_and_the_rest_as_it_is) {
  const std::string bytes = "\x01\x02\x03";
  const json::value value = {{"a", {region_tensor(DType::kUint8, {3}, 1, 0), 2, "x\"y"}},
                             {"b", nullptr}};
  std::string out;
  append_json_with_base64(out, value,
                          [&](const TensorRef&) { return std::as_bytes(std::span(bytes)); });
  EXPECT_EQ(out, R"({"a":[{"dtype":"uint8","shape":[3],"data_b64":"AQID"},2,"x\"y"],"b":null})");
}

TEST(TensorJson, Every_tensor_is_replaced_and_the_first_bad_one_stops) {
  json::value value = json::parse(R"({"frames":[{"dtype":"uint8","shape":[1],"data_b64":"AA=="},
                                     {"dtype":"uint8","shape":[1],"data_b64":"AA=="}],"n":1})");
  int seen = 0;
  EXPECT_TRUE(transform_tensors(value, [&](const TensorRef&) { return json::value(++seen); }));
  EXPECT_EQ(value, json::parse(R"({"frames":[1,2],"n":1})"));
  value = json::parse(R"([{"dtype":"nope","shape":[1],"data_b64":"AA=="}])");
  EXPECT_FALSE(transform_tensors(value, [&](const TensorRef&) { return json::value(0); }));
}

}  // namespace
}  // namespace npu::wire
