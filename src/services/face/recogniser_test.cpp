#include "services/face/recogniser.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
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

// Tells pictures by their first byte, the dark ones later, and counts how many it has at once.
class Slow final : public kit::FakeNetwork {
 public:
  struct Seen {
    int now = 0;
    int most = 0;
  };
  Slow(kit::FakeState& state, Seen& seen) : FakeNetwork(state, {112, 112, 3}), seen_(seen) {}

  kit::awaitable<Result<InferResult>> infer(InferInput input, kit::InferTerms) override {
    seen_.most = std::max(seen_.most, ++seen_.now);
    const auto value =
        static_cast<int>(input.tensor_fields().at(0).tensors.at(0).as<std::uint8_t>().front());
    for (int turn = value; turn < 256; ++turn) {
      co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                                 boost::asio::use_awaitable);
    }
    --seen_.now;
    co_return kit::result_of(kit::tensor_of({2}, {static_cast<float>(value), 100}));
  }

 private:
  Seen& seen_;
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

TEST_F(RecogniserTest, Faces_of_a_crowd_are_embedded_four_at_a_time_and_stay_in_their_order) {
  Slow::Seen seen;
  kit::ModelSet models(io_.get_executor(), {rules_.model.name}, 1,
                       [&](const std::string&) { return std::make_unique<Slow>(network_, seen); });
  Recogniser recogniser(rules_, models);
  std::vector<media::Image> faces;
  for (int i = 0; i < 11; ++i) {
    faces.emplace_back(kAlignedSide, kAlignedSide, 3);
    std::ranges::fill(faces.back().pixels(), static_cast<std::uint8_t>(20 * i + 1));
  }
  const http::Request request;
  const auto embeddings = run(recogniser.embed(request, faces));
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  ASSERT_EQ(embeddings->size(), faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto& embedding = embeddings->at(i);
    EXPECT_NEAR(embedding[0] / embedding[1], (20.0 * static_cast<double>(i) + 1) / 100, 1e-5);
  }
  EXPECT_EQ(seen.most, 4);
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
