#include "services/pose/pose_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"
#include "services/kit/routes_test_support.hpp"

namespace npu::pose {
namespace {

namespace json = boost::json;

// Somebody, of whom the nose and the eyes are seen, and somebody less sure.
class Stage final : public kit::FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;

 protected:
  Tensor answer(const ClientTensor&) override {
    std::vector<float> rows(2 * 57, 16);
    const float first[] = {16, 24, 48, 40, 0.9F, 0, 31.25F, 30, 0.9F, 34, 28, 0.75F, 28, 28, 0.3F};
    const float second[] = {0, 20, 10, 44, 0.4F, 0};
    std::ranges::copy(first, rows.begin());
    std::ranges::copy(second, rows.begin() + 57);
    for (std::size_t i = 3; i < vision::kKeyPoints; ++i) rows[6 + 3 * i + 2] = 0.1F;
    return kit::tensor_of({2, 57}, rows);
  }
};

class PoseServiceTest : public kit::RoutesTest {
 protected:
  PoseServiceTest()
      : model_("yolov8s_pose", std::make_unique<Stage>(network_, Shape{64, 64, 3})),
        service_(config_, model_, pool_) {
    service_.add_routes(router_);
  }

  PoseConfig config_;
  kit::Model model_;
  PoseService service_;
};

TEST_F(PoseServiceTest, A_person_is_told_as_the_python_project_tells_it) {
  auto answer = post("/v1/pose/detect", {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_GE(answer->at("inference_time_ms").as_int64(), 0);
  EXPECT_EQ(answer->at("count"), 1);
  EXPECT_EQ(answer->at("image_size"), json::parse(R"({"width":128,"height":64})"));
  const auto& pose = answer->at("poses").at(0).as_object();
  EXPECT_EQ(pose.at("person_id"), 0);
  EXPECT_EQ(pose.at("bbox"), json::parse(R"({"x":32,"y":16,"width":64,"height":32})"));
  EXPECT_EQ(pose.at("bbox_confidence"), 0.9);
  ASSERT_EQ(pose.at("keypoints").as_array().size(), 17U);
  // 31.25 is 62.5 in the picture; what is halfway goes up.
  EXPECT_EQ(pose.at("keypoints").at(0),
            json::parse(R"({"name":"nose","x":63,"y":28,"confidence":0.9})"));
  EXPECT_EQ(pose.at("keypoints").at(16).at("name"), "right_ankle");
  EXPECT_EQ(pose.at("skeleton"), json::parse(R"([
      {"from":"left_eye","to":"right_eye","from_index":1,"to_index":2},
      {"from":"nose","to":"left_eye","from_index":0,"to_index":1},
      {"from":"nose","to":"right_eye","from_index":0,"to_index":2}])"));
}

TEST_F(PoseServiceTest, What_is_no_form_is_json) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    const auto answer = post("/v1/pose/detect", {}, type);
    ASSERT_TRUE(answer) << type << ": " << answer.error().message;
    EXPECT_EQ(answer->at("count"), 1);
  }
}

TEST_F(PoseServiceTest, Thresholds_are_those_of_people_and_of_key_points) {
  const auto count = [&](json::object fields) {
    return post("/v1/pose/detect", std::move(fields))->at("count").as_int64();
  };
  EXPECT_EQ(count({{"confidence_threshold", 0.95}}), 0);
  EXPECT_EQ(count({{"confidence_threshold", 0.3}}), 2);
  EXPECT_EQ(count({{"confidence_threshold", 0.3}, {"max_detections", 1}}), 1);
  // The Python project filled up with people of zeros.
  EXPECT_EQ(count({{"confidence_threshold", 0}}), 2);
  const auto bones = [&](double threshold) {
    const auto answer = post("/v1/pose/detect", {{"keypoint_threshold", threshold}});
    return answer->at("poses").at(0).at("skeleton").as_array().size();
  };
  EXPECT_EQ(bones(0), 19U);
  EXPECT_EQ(bones(0.5), 1U);
  EXPECT_EQ(bones(0.8), 0U);
  config_.skeleton = false;
  EXPECT_FALSE(post("/v1/pose/detect", {})->at("poses").at(0).as_object().contains("skeleton"));
}

TEST_F(PoseServiceTest, The_plain_form_lists_what_is_seen) {
  EXPECT_EQ(post("/api/pose", {}).value(), json::parse(R"([{"person_id":0,"keypoints":[
      {"name":"nose","x":62.5,"y":28.0},{"name":"left_eye","x":68.0,"y":24.0},
      {"name":"right_eye","x":56.0,"y":24.0}]}])"));
  EXPECT_EQ(post("/api/pose", {{"confidence_threshold", 1}}).value(), json::array{});
}

TEST_F(PoseServiceTest, It_says_what_it_is) {
  const auto info = ask_json(http::Method::kGet, "/v1/info", {});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->at("keypoints").at(9), "left_wrist");
  EXPECT_EQ(info->at("skeleton").at(0), (json::array{15, 13}));
  const auto models = ask_json(http::Method::kGet, "/v1/models", {});
  ASSERT_TRUE(models);
  EXPECT_EQ(models->at("data").at(0).at("id"), "yolov8s_pose");
  EXPECT_GT(models->at("data").at(0).at("created").as_int64(), 1'700'000'000);
}

TEST_F(PoseServiceTest, A_head_that_was_told_wrong_is_the_services_fault) {
  config_.head = "decoded";
  const auto answer = post("/v1/pose/detect", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_THAT(answer.error().message, ::testing::HasSubstr("of the kind decoded"));
}

class PoseServiceOfAModel : public PoseServiceTest {
 protected:
  PoseServiceOfAModel() {
    network_.info.input_shape = {64, 64, 3};
    network_.info.outputs = {{"rows", DType::kFloat32, {2, 57}}};
  }
  Status load() { return run(model_.load()); }
};

TEST_F(PoseServiceOfAModel, The_picture_lies_as_the_model_wants_it) {
  network_.info.fit = "corner";  // from row 0 to 32
  ASSERT_TRUE(load());
  const auto nose = post("/api/pose", {})->at(0).at("keypoints").at(0);
  EXPECT_EQ(nose, json::parse(R"({"name":"nose","x":62.5,"y":60.0})"));
}

TEST_F(PoseServiceOfAModel, Outputs_that_are_no_head_show_when_the_model_is_loaded) {
  EXPECT_TRUE(load());
  network_.info.head = "dfl";  // what the model.yaml says
  const auto lied = load();
  ASSERT_FALSE(lied);
  EXPECT_THAT(lied.error().message, ::testing::HasSubstr("of the kind dfl; what would do: dfl"));
  EXPECT_FALSE(model_.loaded());
  network_.info.head.clear();
  network_.info.outputs[0].shape = {84, 84};
  EXPECT_THAT(load().error().message, ::testing::HasSubstr("the outputs (84, 84) of a network"));
}

}  // namespace
}  // namespace npu::pose
