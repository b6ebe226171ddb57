#include "families/embed/embed.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;
using fakes::elements_of;
using fakes::make_tensor;

class EmbedTest : public testing::Test {
 protected:
  // A model whose first output is a function of the first element of its first input.
  void load(std::vector<TensorSpec> inputs, TensorSpec output, json::object params = {}) {
    device_.tensor_models["e"] = {
        .inputs = std::move(inputs),
        .outputs = {std::move(output), {"other", DType::kFloat32, {1}}},
        .run = [](auto given, auto results) -> Status {
          const auto first = static_cast<float>(given[0].data[0]);
          const auto values = results[0].data;
          for (std::size_t i = 0; i * sizeof(float) < values.size(); ++i) {
            const float value = first + static_cast<float>(i);
            std::memcpy(values.data() + i * sizeof(float), &value, sizeof(value));
          }
          return {};
        }};
    auto model = make_embed_family()->load(
        device_, {.path = "e", .params = std::move(params), .files = {{"e"}}}, context_);
    why_ = model ? "" : model.error().message;
    if (model) model_ = std::move(*model);
  }
  std::vector<float> infer() {
    const auto result = model_->infer(input_, output_, context_);
    why_ = result ? "" : result.error().message;
    if (!result) return {};
    shape_ = output_.tensor(*result).shape;
    return elements_of<float>(output_.tensor(*result).data);
  }
  json::value picture(std::uint8_t first) {
    return input_.add(make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, first)));
  }

  static inline const std::vector<TensorSpec> kPicture{{"in", DType::kUint8, {1, 2, 2, 3}}};
  static inline const std::vector<TensorSpec> kTokens{{"input_ids", DType::kInt64, {1, 4}},
                                                      {"attention_mask", DType::kInt64, {1, 4}},
                                                      {"token_type_ids", DType::kInt32, {1, 4}}};

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
  std::string why_;
  Shape shape_;
};

TEST_F(EmbedTest, Each_picture_becomes_a_vector_of_length_1) {
  load(kPicture, {"out", DType::kFloat32, {1, 2}});
  input_.set("images", json::array{picture(3), picture(0)});
  const auto vectors = infer();
  EXPECT_EQ(why_, "");
  EXPECT_EQ(shape_, (Shape{2, 2}));
  ASSERT_EQ(vectors.size(), 4U);
  EXPECT_FLOAT_EQ(vectors[0], 0.6F);
  EXPECT_FLOAT_EQ(vectors[1], 0.8F);
  EXPECT_FLOAT_EQ(vectors[2], 0);
  EXPECT_FLOAT_EQ(vectors[3], 1);
}

TEST_F(EmbedTest, Tokens_are_padded_and_masked_and_only_their_rows_count) {
  load(kTokens, {"out", DType::kFloat32, {1, 4, 2}}, {{"normalise", false}});
  input_.set("tokens", json::array{json::array{5, 6}, json::array{1, 2, 3, 4, 5, 6}});
  const auto vectors = infer();
  EXPECT_EQ(why_, "");
  EXPECT_EQ(vectors, (std::vector<float>{6, 7, 4, 5}));
  ASSERT_EQ(device_.runs.size(), 2U);
  const auto& inputs = device_.runs[0].inputs;
  EXPECT_EQ(elements_of<std::int64_t>(inputs[0].data), (std::vector<std::int64_t>{5, 6, 0, 0}));
  EXPECT_EQ(elements_of<std::int64_t>(inputs[1].data), (std::vector<std::int64_t>{1, 1, 0, 0}));
  EXPECT_EQ(elements_of<std::int32_t>(inputs[2].data), (std::vector<std::int32_t>{0, 0, 0, 0}));
  EXPECT_EQ(elements_of<std::int64_t>(device_.runs[1].inputs[0].data),
            (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST_F(EmbedTest, The_row_of_the_last_token_is_taken_where_the_model_is_trained_so) {
  load({{"in", DType::kFloat32, {1, 3, 2}}}, {"out", DType::kFloat32, {1, 3, 2}},
       {{"pooling", "last"}, {"normalise", false}});
  const auto features = [&] {
    return input_.add(make_tensor(DType::kFloat32, {3, 2}, std::vector<float>(6)));
  };
  input_.set("features", json::array{features(), features()});
  EXPECT_EQ(infer(), (std::vector<float>{4, 5, 4, 5}));
  input_.set("lengths", json::array{1, 3});
  EXPECT_EQ(infer(), (std::vector<float>{0, 1, 4, 5}));
}

TEST_F(EmbedTest, The_load_reply_says_what_the_model_takes_and_gives) {
  load(kPicture, {"out", DType::kFloat32, {1, 2}});
  EXPECT_EQ(json::serialize(model_->load_info()),
            R"({"model_info":{"input":"images","input_shape":[2,2,3],"dimension":2}})");
}

TEST_F(EmbedTest, Models_of_another_kind_are_refused) {
  load({{"in", DType::kUint8, {4}}}, {"out", DType::kFloat32, {1, 2}});
  EXPECT_NE(why_.find("an embedding model takes"), std::string::npos) << why_;
  load({{"ids", DType::kInt64, {4}}, {"more_ids", DType::kInt64, {4}}},
       {"out", DType::kFloat32, {2}});
  EXPECT_NE(why_.find("an embedding model takes"), std::string::npos) << why_;
  load(kPicture, {"out", DType::kUint8, {2}});
  EXPECT_NE(why_.find("gives float32 vectors"), std::string::npos) << why_;
}

TEST_F(EmbedTest, What_is_wrong_with_a_request_is_named) {
  load(kPicture, {"out", DType::kFloat32, {2}});
  infer();
  EXPECT_EQ(why_, "this model takes a list of images: images is missing");
  input_.set("images", json::array());
  infer();
  EXPECT_EQ(why_, "images must be 1..256, got 0");
  input_.set("images", json::array{picture(1)});
  input_.set("lengths", json::array{1});
  infer();
  EXPECT_EQ(why_, "lengths needs features, and a number for each");
  load(kTokens, {"out", DType::kFloat32, {4, 2}});
  input_.clear("lengths");
  input_.set("tokens", json::parse("[[]]"));  // in braces it would be [] to some compilers
  infer();
  EXPECT_EQ(why_, "tokens[0] must be a list of token ids, got none");
  input_.set("tokens", json::parse("[[1, -1]]"));
  infer();
  EXPECT_EQ(why_, "tokens[0][1] must be a token id, a whole number that is not negative, got -1");
  EXPECT_TRUE(device_.runs.empty());
}

TEST(EmbedPlan, Parameters_are_checked_and_make_another_model) {
  const auto plan = [](json::object params) { return make_embed_family()->plan("e", params); };
  EXPECT_EQ(plan({}).value().variant, plan({{"pooling", "mean"}, {"normalise", true}})->variant);
  EXPECT_NE(plan({}).value().variant, plan({{"pooling", "cls"}})->variant);
  EXPECT_EQ(plan({{"pooling", "max"}}).error().message,
            "pooling must be mean, cls, last or none, got \"max\"");
  EXPECT_EQ(plan({{"normalise", 1}}).error().message, "normalise must be true or false, got 1");
}

}  // namespace
}  // namespace npu::families
