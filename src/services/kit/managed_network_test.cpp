#include "services/kit/managed_network.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace npu::kit {
namespace {

namespace json = boost::json;

TEST(PictureShape, Is_what_the_manager_says_where_a_picture_can_have_it) {
  const auto shape = [](const char* text) {
    return picture_shape_of(LoadedModel::from(json::parse(text).as_object()));
  };
  EXPECT_EQ(*shape(R"({"model_info": {"input_shape": [224, 320, 3]}})"), (Shape{224, 320, 3}));
  EXPECT_EQ(*shape(R"({"model_info": {"input_shape": [8, 8, 1]}})"), (Shape{8, 8, 1}));
  for (const char* text : {R"({})", R"({"model_info": 1})", R"({"model_info": {}})",
                           R"({"model_info": {"input_shape": [8, 8]}})",
                           R"({"model_info": {"input_shape": [8, 8, 4]}})",
                           R"({"model_info": {"input_shape": [0, 8, 3]}})",
                           R"({"model_info": {"input_shape": [8, 100000, 3]}})",
                           R"({"model_info": {"input_shape": ["8", 8, 3]}})"}) {
    EXPECT_EQ(shape(text).error().code, ErrorCode::kUnsupported) << text;
  }
}

}  // namespace
}  // namespace npu::kit
