#include "services/segment/segment_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"
#include "services/kit/routes_test_support.hpp"
#include "services/segment/segments_test_support.hpp"

namespace npu::segment {
namespace {

namespace bj = boost::json;
using ::testing::HasSubstr;

class Halves final : public kit::FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;
  kit::awaitable<Result<InferResult>> infer(InferInput, kit::InferTerms) override {
    co_return halves();
  }
};

class SegmentServiceTest : public kit::RoutesTest {
 protected:
  SegmentServiceTest()
      : model_("yolov8s_seg", std::make_unique<Halves>(network_, Shape{64, 64, 3})),
        service_(config_, kit::ModelLabels(), model_, pool_) {
    service_.add_routes(router_);
  }

  SegmentConfig config_;
  kit::Model model_;
  SegmentService service_;
};

TEST_F(SegmentServiceTest, Objects_come_with_their_masks_best_first) {
  for (const char* path : {"/v1/segment", "/api/segment"}) {
    const auto answer = post(path, {{"mask_format", "counts"}});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->as_array().size(), 2U);
    EXPECT_EQ(answer->at(0), bj::parse(R"({"label":"cat","confidence":0.9,
        "bbox":[32.0,0.0,64.0,64.0],"area":2048,
        "segmentation":{"size":[64,128],"counts":[2048,2048,4096]}})"));
  }
}

TEST_F(SegmentServiceTest, The_configuration_says_how_masks_are_written) {
  config_.mask_format = "none";
  EXPECT_EQ(post("/v1/segment", {{"max_detections", 1}}).value(),
            bj::parse(R"([{"label":"cat","confidence":0.9,"bbox":[32.0,0.0,64.0,64.0]}])"));
}

TEST_F(SegmentServiceTest, What_a_client_asks_wrongly_is_told) {
  const auto answer = post("/v1/segment", {{"mask_format", "svg"}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answer.error().message, HasSubstr("rle, counts, polygon, png, none"));
}

TEST_F(SegmentServiceTest, A_head_that_was_told_wrong_is_the_services_fault) {
  config_.head = "dfl";
  const auto answer = post("/v1/segment", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_THAT(answer.error().message, HasSubstr("of the kind dfl"));
}

class SegmentServiceOfAModel : public SegmentServiceTest {
 protected:
  SegmentServiceOfAModel() {
    network_.info.input_shape = {64, 64, 3};
    network_.info.outputs = {{"rows", DType::kFloat32, {2, 7}},
                             {"prototypes", DType::kFloat32, {1, 16, 16}}};
  }
  Status load() { return run(model_.load()); }
};

// The picture lies from row 0 to 32, so that half of the boxes is below it.
TEST_F(SegmentServiceOfAModel, Fit_and_classes_are_those_of_the_model) {
  network_.info.fit = "corner";
  network_.info.labels = {"thing"};
  ASSERT_TRUE(load());
  const auto answer = post("/v1/segment", {{"mask_format", "counts"}, {"max_detections", 1}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at(0).at("label"), "class 15");
  EXPECT_EQ(answer->at(0).at("bbox"), bj::parse("[32.0,32.0,64.0,32.0]"));
  EXPECT_EQ(answer->at(0).at("area"), 32 * 32);
}

TEST_F(SegmentServiceOfAModel, Outputs_that_are_no_head_show_when_the_model_is_loaded) {
  ASSERT_TRUE(load());
  network_.info.head = "dfl";  // what the model.yaml says
  EXPECT_THAT(load().error().message, HasSubstr("of the kind dfl"));
  EXPECT_FALSE(model_.loaded());
  network_.info.head.clear();
  network_.info.outputs.pop_back();
  EXPECT_THAT(load().error().message, HasSubstr("the outputs (2, 7) of a network"));
  network_.info.outputs = {{"nms", DType::kFloat32, {9, 6}}, {"masks", DType::kUint8, {99}}};
  EXPECT_TRUE(load());
}

}  // namespace
}  // namespace npu::segment
