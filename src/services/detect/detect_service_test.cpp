#include "services/detect/detect_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"
#include "services/kit/routes_test_support.hpp"

namespace npu::detect {
namespace {

namespace json = boost::json;

// A dog over a cat, and less sure of a person.
class Kennel final : public kit::FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;

 protected:
  Tensor answer(const ClientTensor&) override {
    const std::vector<float> rows{0.25F, 0.5F, 0.75F, 0.75F, 0.8F,  15,   0.25F, 0.5F, 0.75F,
                                  0.75F, 0.9F, 16,    0,     0.25F, 0.5F, 0.5F,  0.3F, 0};
    return kit::tensor_of({3, 6}, rows);
  }
};

class DetectServiceTest : public kit::RoutesTest {
 protected:
  DetectServiceTest()
      : model_("yolov8s", std::make_unique<Kennel>(network_, Shape{64, 64, 3})),
        service_(config_, kit::ModelLabels(kit::Labels::coco()), model_, pool_) {
    service_.add_routes(router_);
  }

  DetectConfig config_;
  kit::Model model_;
  DetectService service_;
};

TEST_F(DetectServiceTest, Objects_are_told_best_first_in_pixels_of_the_picture) {
  const auto dog = json::parse(R"({"label":"dog","confidence":0.9,"bbox":[32.0,32.0,64.0,32.0]})");
  const auto cat = json::parse(R"({"label":"cat","confidence":0.8,"bbox":[32.0,32.0,64.0,32.0]})");
  for (const char* path : {"/v1/detect", "/api/detect"}) {
    EXPECT_EQ(post(path, {}).value(), (json::array{dog, cat}));
  }
  EXPECT_EQ(post("/v1/detect", {{"agnostic", true}}).value(), (json::array{dog}));
  EXPECT_EQ(post("/v1/detect", {{"max_detections", 1}}).value(), (json::array{dog}));
  EXPECT_EQ(post("/v1/detect", {{"threshold", 0.85}}).value(), (json::array{dog}));
  EXPECT_EQ(post("/v1/detect", {{"classes", {"cat"}}, {"agnostic", true}}).value(),
            (json::array{cat}));
  EXPECT_EQ(post("/v1/detect", {{"threshold", 0.1}})->as_array().size(), 3U);
  EXPECT_EQ(post("/v1/detect", {{"threshold", 0.95}}).value(), json::array{});
}

TEST_F(DetectServiceTest, Results_of_coco_name_the_picture_and_the_category) {
  EXPECT_EQ(post("/v1/detect", {{"format", "coco"}, {"image_id", 42}, {"agnostic", true}}).value(),
            json::parse(R"([{"image_id":42,"category_id":18,"bbox":[32.0,32.0,64.0,32.0],
                             "score":0.9}])"));
}

TEST_F(DetectServiceTest, Deepstack_has_edges_in_whole_pixels) {
  auto answer = post("/v1/vision/detection", {{"min_confidence", 0.85}, {"api_key", "any"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_GE(answer->at("duration").to_number<int>(), 0);
  answer->as_object().erase("duration");
  EXPECT_EQ(*answer, json::parse(R"({"success":true,"predictions":[{"confidence":0.9,"label":"dog",
                         "x_min":32,"y_min":32,"x_max":96,"y_max":64}]})"));
  EXPECT_EQ(post("/v1/vision/detection", {{"min_confidence", 2}}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(DetectServiceTest, A_head_that_was_told_wrong_is_the_services_fault) {
  config_.head = "dfl";
  const auto answer = post("/v1/detect", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_THAT(answer.error().message, ::testing::HasSubstr("of the kind dfl"));
}

class DetectServiceOfAModel : public DetectServiceTest {
 protected:
  DetectServiceOfAModel() : described_(config_, kit::ModelLabels(), model_, pool_) {
    described_.add_routes(router_of_it_);
    std::swap(router_, router_of_it_);
    network_.info.input_shape = {64, 64, 3};
    network_.info.outputs = {{"rows", DType::kFloat32, {3, 6}}};
  }
  Status load() { return run(model_.load()); }

  DetectService described_;
  http::Router router_of_it_;
};

TEST_F(DetectServiceOfAModel, Classes_and_fit_are_those_of_the_model) {
  network_.info.labels = {"thing"};
  network_.info.fit = "corner";
  ASSERT_TRUE(load());
  // The picture lies from row 0 to 32, so that the cat and the dog are below it.
  EXPECT_EQ(post("/v1/detect", {{"threshold", 0.1}}).value(),
            json::parse(R"([{"label":"thing","confidence":0.3,"bbox":[0.0,32.0,64.0,32.0]}])"));
  network_.info.labels.clear();
  network_.info.label_set = "coco80";
  network_.info.fit.clear();
  ASSERT_TRUE(load());
  EXPECT_EQ(post("/v1/detect", {{"threshold", 0.85}})->at(0).at("label"), "dog");
}

TEST_F(DetectServiceOfAModel, Outputs_that_are_no_head_show_when_the_model_is_loaded) {
  EXPECT_TRUE(load());
  network_.info.head = "dfl";  // what the model.yaml says
  const auto lied = load();
  ASSERT_FALSE(lied);
  EXPECT_THAT(lied.error().message, ::testing::HasSubstr("of the kind dfl; what would do: boxes"));
  EXPECT_FALSE(model_.loaded());
  EXPECT_EQ(network_.releases, 1) << "another model.yaml counts from the next load on";
  network_.info.head.clear();
  network_.info.outputs[0].shape = {1000};
  EXPECT_THAT(load().error().message, ::testing::HasSubstr("the outputs (1000) of a network"));
}

}  // namespace
}  // namespace npu::detect
