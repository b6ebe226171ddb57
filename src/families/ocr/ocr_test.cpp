#include "families/ocr/ocr.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"
#include "families/ocr/best_classes.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;
using fakes::elements_of;
using fakes::make_tensor;

json::object ocr_params() {
  return json::parse(
             R"({"detection_hef_path": "d", "recognition_hefs": {"zh": "r-zh", "en": "r-en"},
                         "batch_sizes": {"zh": 2}})")
      .as_object();
}

// Crops of 1x2 pixels; a result has three elements, each the crop's first byte.
fakes::FakeTensorSpec recognizer(std::int64_t batch) {
  Shape in{1, 2, 3};
  Shape out{3};
  if (batch > 1) {
    in.insert(in.begin(), batch);
    out.insert(out.begin(), batch);
  }
  return {.inputs = {{"in", DType::kUint8, in}},
          .outputs = {{"out", DType::kFloat32, out}},
          .run = [](auto inputs, auto outputs) -> Status {
            auto* to = reinterpret_cast<float*>(outputs[0].data.data());
            for (std::size_t i = 0; i < inputs[0].data.size() / 6; ++i) {
              std::fill_n(to + 3 * i, 3, static_cast<float>(inputs[0].data[6 * i]));
            }
            return {};
          }};
}

class OcrTest : public testing::Test {
 protected:
  void SetUp() override { load({}); }

  // before: what the batched recogniser does before each run.
  void load(std::function<Status(device::RunContext&)> before) {
    device_.tensor_models["d"] = {.inputs = {{"in", DType::kUint8, {1, 4, 6, 3}}},
                                  .outputs = {{"out", DType::kFloat32, {1, 4, 6, 1}}},
                                  .run = {}};
    device_.tensor_models["r-en"] = recognizer(1);
    device_.tensor_models["r-zh"] = recognizer(2);
    device_.tensor_models["r-zh"].before = std::move(before);
    auto model = make_ocr_family()->load(
        device_, {.path = "d", .params = ocr_params(), .files = {{"d"}, {"r-zh"}, {"r-en"}}},
        context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
    input_.set("mode", json::value("recognition"));
  }

  void set_crops(const std::vector<std::uint8_t>& first_bytes) {
    json::array crops;
    for (const auto first : first_bytes) {
      std::vector<std::uint8_t> bytes(6, 200);
      bytes[0] = first;
      crops.push_back(input_.add(make_tensor(DType::kUint8, {1, 2, 3}, bytes)));
    }
    input_.set("crops", std::move(crops));
  }

  std::vector<std::vector<float>> recognize() {
    const auto result = model_->infer(input_, output_, context_);
    EXPECT_TRUE(result) << result.error().message;
    std::vector<std::vector<float>> rows;
    if (!result) return rows;
    for (const auto& tensor : result->as_array()) {
      EXPECT_EQ(output_.tensor(tensor).shape, Shape{3});
      rows.push_back(elements_of<float>(output_.tensor(tensor).data));
    }
    return rows;
  }

  std::string error() {
    const auto result = model_->infer(input_, output_, context_);
    return result ? "no error" : result.error().message;
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

using Rows = std::vector<std::vector<float>>;

TEST_F(OcrTest, Detection_gives_the_heat_map_without_batch) {
  input_.set("mode", json::value("detection"));
  input_.set("image", make_tensor(DType::kUint8, {4, 6, 3}, std::vector<std::uint8_t>(72)));
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output_.tensor(*result).shape, (Shape{4, 6, 1}));
  EXPECT_EQ(device_.runs.at(0).path, "d");
}

TEST_F(OcrTest, The_load_reply_states_the_detectors_input) {
  EXPECT_EQ(json::serialize(model_->load_info()),
            R"({"model_info":{"detection_input_shape":[4,6,3],"recognition":{)"
            R"("zh":{"input_shape":[1,2,3],"outputs":[{"name":"out","shape":[3]}],"batch":2},)"
            R"("en":{"input_shape":[1,2,3],"outputs":[{"name":"out","shape":[3]}],"batch":1}}}})");
}

TEST_F(OcrTest, Crops_run_one_by_one_on_a_model_without_batch) {
  set_crops({1, 2, 3});
  EXPECT_EQ(recognize(), (Rows{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}));
  EXPECT_EQ(device_.runs.size(), 3U);
}

TEST_F(OcrTest, The_last_batch_is_padded_with_zeros_and_the_result_trimmed) {
  input_.set("language", json::value("zh"));
  set_crops({1, 2, 3});
  EXPECT_EQ(recognize(), (Rows{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}));
  ASSERT_EQ(device_.runs.size(), 2U);
  EXPECT_EQ(elements_of<std::uint8_t>(device_.runs[1].inputs[0].data),
            (std::vector<std::uint8_t>{3, 200, 200, 200, 200, 200, 0, 0, 0, 0, 0, 0}));
}

TEST_F(OcrTest, A_request_that_runs_while_another_waits_for_the_device_leaves_it_its_memory) {
  bool other_ran = false;
  load([&](device::RunContext& context) -> Status {
    context.while_waiting([&] {
      if (std::exchange(other_ran, true)) return;
      set_crops({7, 8});
      EXPECT_EQ(recognize(), (Rows{{7, 7, 7}, {8, 8, 8}}));
    });
    return {};
  });
  input_.set("language", json::value("zh"));
  set_crops({1, 2});
  EXPECT_EQ(recognize(), (Rows{{1, 1, 1}, {2, 2, 2}}));
  EXPECT_TRUE(other_ran);
}

// Each result has as many rows as the crop is wide; in row i class i % 5 has the crop's first byte.
fakes::FakeTensorSpec free_recognizer() {
  fakes::FakeTensorSpec spec = recognizer(1);
  spec.free = {.height = false, .width = true, .step = 2, .max_side = 8, .batch = 2};
  spec.run_free = [](const TensorView& crops) {
    const std::int64_t count = crops.shape[0];
    const std::int64_t width = crops.shape[2];
    std::vector<float> scores(static_cast<std::size_t>(count * width * 5));
    for (std::int64_t i = 0; i < count * width; ++i) {
      const auto crop = static_cast<std::size_t>(i / width * width * 3);
      scores[static_cast<std::size_t>(i * 5 + i % width % 5)] =
          static_cast<float>(crops.data[crop]);
    }
    return std::vector<Tensor>{make_tensor(DType::kFloat32, {count, width, 5}, scores)};
  };
  return spec;
}

class FreeOcrTest : public OcrTest {
 protected:
  void SetUp() override {
    device_.tensor_models["d"] = {.inputs = {{"in", DType::kUint8, {1, 4, 6, 3}}},
                                  .outputs = {{"out", DType::kFloat32, {1, 1, 4, 6}}},
                                  .run = {}};
    auto& detector = device_.tensor_models["d"];
    detector.free = {.height = true, .width = true, .step = 4, .max_side = 16, .batch = 1};
    detector.run_free = [](const TensorView& picture) {
      const Shape shape{1, 1, picture.shape[1], picture.shape[2]};
      return std::vector<Tensor>{
          make_tensor(DType::kFloat32, shape,
                      std::vector<float>(static_cast<std::size_t>(shape[2] * shape[3]), 0.5F))};
    };
    device_.tensor_models["r"] = free_recognizer();
    device_.tensor_models["c"] = recognizer(2);
    auto params = json::parse(R"({"detection_hef_path": "d", "classification_path": "c",
                                  "recognition_hefs": {"zh": "r", "en": "r"}})");
    auto model = make_ocr_family()->load(
        device_, {.path = "d", .params = params.as_object(), .files = {{"d"}, {"r"}, {"r"}, {"c"}}},
        context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
    input_.set("mode", json::value("recognition"));
  }

  void set_crops_of(const std::vector<std::pair<int, std::uint8_t>>& widths) {
    json::array crops;
    for (const auto& [width, value] : widths) {
      const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(width) * 3, value);
      crops.push_back(input_.add(make_tensor(DType::kUint8, {1, width, 3}, bytes)));
    }
    input_.set("crops", std::move(crops));
  }
};

TEST_F(FreeOcrTest, Languages_of_one_file_share_one_network) {
  ASSERT_EQ(device_.loads.size(), 3U);
  EXPECT_EQ(device_.loads[1].path, "r");
  EXPECT_EQ(device_.loads[2].path, "c");
}

TEST_F(FreeOcrTest, The_load_reply_says_what_may_be_chosen) {
  const auto info = model_->load_info().at("model_info");
  EXPECT_EQ(info.at("detection"), json::parse(R"({"step":4,"max_side":16})"));
  EXPECT_EQ(info.at("recognition").at("en").at("max_width"), 8);
  EXPECT_EQ(info.at("recognition").at("en").at("step"), 2);
  EXPECT_EQ(info.at("recognition").at("zh").at("batch"), 2);
  EXPECT_EQ(info.at("classification").at("batch"), 2);
}

TEST_F(FreeOcrTest, A_heat_map_has_the_size_of_its_picture) {
  input_.set("mode", json::value("detection"));
  input_.set("image", make_tensor(DType::kUint8, {8, 16, 3}, std::vector<std::uint8_t>(384)));
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output_.tensor(*result).shape, (Shape{1, 8, 16}));
  EXPECT_EQ(elements_of<float>(output_.tensor(*result).data), std::vector<float>(128, 0.5F));
  for (const Shape& wrong : {Shape{8, 6, 3}, Shape{8, 20, 3}, Shape{0, 8, 3}, Shape{8, 8, 1}}) {
    input_.set("image", make_tensor(DType::kUint8, wrong,
                                    std::vector<std::uint8_t>(
                                        static_cast<std::size_t>(wrong[0] * wrong[1] * wrong[2]))));
    EXPECT_EQ(error().find("image must be uint8 (any, any, 3) with free sides that are multiples "
                           "of 4 up to 16, got uint8 ("),
              0U)
        << error();
  }
}

TEST_F(FreeOcrTest, Neighbours_of_one_width_run_together_and_keep_their_order) {
  set_crops_of({{2, 1}, {2, 2}, {2, 3}, {4, 4}, {2, 5}});
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(device_.runs.size(), 4U);
  EXPECT_EQ(device_.runs[0].inputs[0].shape, (Shape{2, 1, 2, 3}));
  EXPECT_EQ(device_.runs[1].inputs[0].shape, (Shape{1, 1, 2, 3}));
  EXPECT_EQ(device_.runs[2].inputs[0].shape, (Shape{1, 1, 4, 3}));
  const auto& list = result->as_array();
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(elements_of<float>(output_.tensor(list[1]).data),
            (std::vector<float>{2, 0, 0, 0, 0, 0, 2, 0, 0, 0}));
  EXPECT_EQ(output_.tensor(list[3]).shape, (Shape{4, 5}));
}

TEST_F(FreeOcrTest, The_best_class_of_each_step_is_told_where_that_is_wanted) {
  input_.set("best", json::value(true));
  set_crops_of({{6, 7}});
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  const auto& best = output_.tensor(result->as_array().at(0));
  EXPECT_EQ(best.shape, (Shape{6, 2}));
  EXPECT_EQ(elements_of<float>(best.data),
            (std::vector<float>{0, 7, 1, 7, 2, 7, 3, 7, 4, 7, 0, 7}));
}

TEST_F(FreeOcrTest, Crops_are_classified_by_the_network_for_that) {
  input_.set("mode", json::value("classification"));
  set_crops({3, 4});
  EXPECT_EQ(recognize(), (Rows{{3, 3, 3}, {4, 4, 4}}));
  EXPECT_EQ(device_.runs.at(0).path, "c");
}

TEST_F(OcrTest, Without_a_classifier_nothing_is_classified) {
  input_.set("mode", json::value("classification"));
  set_crops({1});
  EXPECT_EQ(error(), "this model was loaded without classification_path, so it classifies nothing");
}

TEST(BestClasses, Are_the_first_of_the_greatest_in_rows_of_any_length) {
  for (const std::size_t classes : {1U, 2U, 15U, 16U, 17U, 97U, 6625U}) {
    std::vector<float> scores(3 * classes, -2);
    scores[classes - 1] = 5;
    scores[classes + classes / 2] = -1;
    scores[2 * classes] = 0;
    scores[3 * classes - 1] = 0;
    std::vector<float> best(6);
    best_classes(scores, classes, best);
    const auto last = static_cast<float>(classes - 1);
    const std::size_t middle = classes / 2;
    EXPECT_EQ(best, (std::vector<float>{last, 5, static_cast<float>(middle), -1, 0, 0}));
  }
}

TEST_F(OcrTest, No_crops_give_an_empty_list) {
  set_crops({});
  EXPECT_EQ(recognize(), Rows{});
  EXPECT_TRUE(device_.runs.empty());
}

TEST_F(OcrTest, The_batch_of_each_language_is_asked_of_the_device) {
  ASSERT_EQ(device_.loads.size(), 3U);
  EXPECT_EQ(device_.loads[0].options.batch, 1);
  EXPECT_EQ(device_.loads[1].options.batch, 2);
  EXPECT_EQ(device_.loads[2].options.batch, 8);
}

TEST_F(OcrTest, A_cancelled_request_stops_between_batches) {
  set_crops({1, 2, 3});
  context_.cancel_after(1);
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(device_.runs.size(), 1U);
}

TEST_F(OcrTest, Wrong_requests_have_clear_texts) {
  input_.set("mode", json::value("reading"));
  EXPECT_EQ(error(), "Unknown OCR mode: reading. Must be 'detection' or 'recognition'");
  input_.set("mode", json::value(nullptr));
  EXPECT_EQ(error(), "Unknown OCR mode: None. Must be 'detection' or 'recognition'");
  input_.set("mode", json::value("detection"));
  EXPECT_EQ(error(), "image is required for ocr detection");
  input_.set("mode", json::value("recognition"));
  EXPECT_EQ(error(), "crops is required for ocr recognition");
  input_.set("crops", json::value("x"));
  EXPECT_EQ(error(), "crops must be a list of tensors, got \"x\"");
  input_.set(
      "crops",
      json::array{input_.add(make_tensor(DType::kUint8, {2, 1, 3}, std::vector<std::uint8_t>(6)))});
  EXPECT_EQ(error(), "crops[0] must be uint8 (1, 2, 3), got uint8 (2, 1, 3)");
  input_.set("batch_size", json::value(0));
  EXPECT_EQ(error(), "batch_size must be a whole number of at least 1, got 0");
  input_.set("language", json::value("de"));
  EXPECT_EQ(error(), "Unsupported language: de. Available: ['zh', 'en']");
  EXPECT_TRUE(device_.runs.empty());
}

TEST(OcrPlan, Names_every_file_and_what_to_say_without_it) {
  const auto plan = make_ocr_family()->plan("d", ocr_params());
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->files.size(), 3U);
  EXPECT_EQ(plan->files[0].path, "d");
  EXPECT_EQ(plan->files[0].missing_message, "Detection HEF not found: d");
  EXPECT_EQ(plan->files[1].missing_message, "Recognition HEF for zh not found: r-zh");
  EXPECT_EQ(plan->files[2].missing_message, "Recognition HEF for en not found: r-en");
}

TEST(OcrPlan, A_model_path_apart_from_the_detector_is_a_file_of_its_own) {
  const auto plan = make_ocr_family()->plan("other", ocr_params());
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->files.size(), 4U);
  EXPECT_EQ(plan->files[0].path, "other");

  fakes::FakeDevice device;
  device.tensor_models["d"] = {.inputs = {{"in", DType::kUint8, {4, 6, 3}}},
                               .outputs = {{"out", DType::kFloat32, {4, 6, 1}}},
                               .run = {}};
  device.tensor_models["r-en"] = recognizer(1);
  device.tensor_models["r-zh"] = recognizer(1);
  fakes::FakeContext context;
  const auto model = make_ocr_family()->load(
      device,
      {.path = "other", .params = ocr_params(), .files = {{"other"}, {"d"}, {"r-zh"}, {"r-en"}}},
      context);
  EXPECT_TRUE(model) << model.error().message;
}

TEST(OcrPlan, Wrong_parameters_have_the_texts_of_the_contract) {
  const auto message = [](const char* params) {
    const auto plan = make_ocr_family()->plan("d", json::parse(params).as_object());
    return plan ? "no error" : plan.error().message;
  };
  EXPECT_EQ(message("{}"), "detection_hef_path is required for ocr");
  EXPECT_EQ(message(R"({"detection_hef_path":"d"})"), "recognition_hefs dict is required for ocr");
  EXPECT_EQ(message(R"({"detection_hef_path":"d","recognition_hefs":["a"]})"),
            "recognition_hefs dict is required for ocr");
  EXPECT_EQ(message(R"({"detection_hef_path":"d","recognition_hefs":{"en":5}})"),
            "recognition_hefs.en must be a path, got 5");
  EXPECT_EQ(
      message(R"({"detection_hef_path":"d","recognition_hefs":{"en":"r"},"batch_sizes":{"en":0}})"),
      "batch_sizes.en must be a whole number of at least 1, got 0");
  EXPECT_EQ(message(R"({"detection_hef_path":"d","recognition_hefs":{"en":"r"},"batch_sizes":4})"),
            "batch_sizes must be {language: number}, got 4");
}

}  // namespace
}  // namespace npu::families
