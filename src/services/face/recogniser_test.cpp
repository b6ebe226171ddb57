#include "services/face/recogniser.hpp"

#include <limits>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/face/align.hpp"
#include "services/kit/infer_result_test_support.hpp"
#include "services/kit/routes_test_support.hpp"

namespace npu::face {
namespace {

using ::testing::HasSubstr;

// Answers with the numbers that the test says.
class Embedder final : public kit::FakeNetwork {
 public:
  Embedder(kit::FakeState& state, Shape picture, const std::vector<float>& numbers)
      : FakeNetwork(state, std::move(picture)), numbers_(numbers) {}

 protected:
  Tensor answer(const ClientTensor&) override {
    return kit::tensor_of({static_cast<std::int64_t>(numbers_.size())}, numbers_);
  }

 private:
  const std::vector<float>& numbers_;
};

class RecogniserTest : public kit::RoutesTest {
 protected:
  Result<std::vector<std::vector<float>>> embed(std::size_t faces,
                                                const Shape& picture = {112, 112, 3}) {
    kit::ModelSet models(io_.get_executor(), {rules_.model.name}, 1, [&](const std::string&) {
      return std::make_unique<Embedder>(network_, picture, numbers_);
    });
    Recogniser recogniser(rules_, models);
    const std::vector<media::Image> aligned(faces, media::Image(kAlignedSide, kAlignedSide, 3));
    const http::Request request;
    return run(recogniser.embed(request, aligned));
  }

  RecogniserRules rules_;
  std::vector<float> numbers_{3, 0, -4};
};

TEST_F(RecogniserTest, Each_face_has_an_embedding_of_length_1) {
  const auto embeddings = embed(2);
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  EXPECT_EQ(*embeddings, (std::vector<std::vector<float>>(2, {0.6F, 0, -0.8F})));
  EXPECT_EQ(network_.timeouts.size(), 2U);
}

TEST_F(RecogniserTest, Without_a_face_no_model_is_loaded) {
  EXPECT_TRUE(embed(0)->empty());
  EXPECT_EQ(network_.loads, 0);
}

TEST_F(RecogniserTest, What_is_no_embedding_is_the_models_fault) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& numbers :
       {std::vector<float>{0, 0, 0}, {1, kNan}, {1}, std::vector<float>(5000, 1.F)}) {
    numbers_ = numbers;
    const auto none = embed(1);
    ASSERT_FALSE(none) << numbers.size();
    EXPECT_EQ(none.error().code, ErrorCode::kInternal);
    EXPECT_THAT(none.error().message, HasSubstr("embedding"));
  }
  numbers_ = {3, 4};
  const auto other = embed(1, {160, 160, 3});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("takes 112 x 112 x 3, this one (160, 160, 3)"));
}

TEST_F(RecogniserTest, A_model_that_is_not_there_is_told_with_what_helps) {
  network_.failure = Error{ErrorCode::kNotFound, "Model HEF not found: /secret/arcface.hef"};
  const auto none = embed(1);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("`hailoctl pull arcface_mobilefacenet`"));
  EXPECT_THAT(none.error().message, ::testing::Not(HasSubstr("/secret")));
}

TEST_F(RecogniserTest, The_demonstrations_model_is_used_only_where_that_is_wanted) {
  rules_.model.name = std::string(kDemoModel);
  const auto refused = embed(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("`hailoctl pull sface`"));
  EXPECT_EQ(network_.loads, 0);
  rules_.demo_model = true;
  EXPECT_TRUE(embed(1));
}

TEST_F(RecogniserTest, The_threshold_is_the_models_unless_it_is_said) {
  kit::ModelSet models(io_.get_executor(), {"x"}, 1, [&](const std::string&) {
    return std::make_unique<Embedder>(network_, Shape{112, 112, 3}, numbers_);
  });
  Recogniser recogniser(rules_, models);
  EXPECT_EQ(recogniser.threshold(), 0.5);
  rules_.model.name = "sface";
  EXPECT_EQ(recogniser.threshold(), 0.363);
  rules_.threshold = 0.42;
  EXPECT_EQ(recogniser.threshold(), 0.42);
}

}  // namespace
}  // namespace npu::face
