// HEF files, without a device.
#include <cstring>

#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::Hef;

class FakeHef : public FakeBench {};

hailo_status status_of(const std::string& path) { return Hef::create(path).status(); }

constexpr const char* kDetector = R"yaml(
kind: tensor
name: detector
size_mb: 5
inputs: [{name: detector/in, dtype: uint8, shape: [8, 8, 3]}]
outputs:
  - {name: detector/nms, nms: {order: ORDER, classes: 3, boxes: 4, mask_bytes: 100, report: REPORT}}
  - {name: detector/wide, dtype: float32, shape: [2, 2, 4]}
hef:
  architectures: [HAILO10H, HAILO15H]
  outputs: {detector/wide: {type: uint8, order: NHWC, scale: 0.5, zero_point: 3}}
)yaml";

std::string detector(std::string order, std::string report) {
  std::string text = kDetector;
  text.replace(text.find("ORDER"), 5, order);
  text.replace(text.find("REPORT"), 6, report);
  return text;
}

TEST_F(FakeHef, What_is_no_HEF_has_a_status_for_why) {
  EXPECT_EQ(status_of(folder.path("none.hef")), HAILO_OPEN_FILE_FAILURE);
  EXPECT_EQ(status_of(folder.file("short.hef", "HEF")), HAILO_FILE_OPERATION_FAILURE);
  EXPECT_EQ(status_of(folder.file("onnx.hef", std::string(100, 'x'))), HAILO_HEF_NOT_SUPPORTED);
  EXPECT_EQ(status_of(folder.file("new.hef", hef_header(0, 4))), HAILO_HEF_NOT_SUPPORTED);
  EXPECT_EQ(status_of(folder.file("cut.hef", hef_header(1000))), HAILO_FILE_OPERATION_FAILURE);
  EXPECT_EQ(status_of(model("unknown")), HAILO_INVALID_HEF);
  EXPECT_EQ(status_of(model("odd", "kind: [tensor")), HAILO_INVALID_HEF);
  EXPECT_EQ(status_of(model("bad", "kind: speech\nhef: {damaged: true}\n")),
            HAILO_HEF_FILE_CORRUPTED);
  EXPECT_EQ(status_of(model("camera")), HAILO_SUCCESS);
}

TEST_F(FakeHef, Neither_the_magic_nor_the_length_of_the_weights_is_looked_at) {
  EXPECT_EQ(
      status_of(folder.file("camera.hef", hef_header(4, 3, 0x12345678) + std::string(4, '\0'))),
      HAILO_SUCCESS);
  const std::string whole = hef({}, 100) + std::string(100, 'w');
  EXPECT_EQ(configure_status(*vdevice(), folder.file("camera.hef", whole)), HAILO_SUCCESS);
  const std::string cut = folder.file("camera.hef", whole.substr(0, whole.size() - 1));
  EXPECT_EQ(status_of(cut), HAILO_SUCCESS);
  EXPECT_EQ(configure_status(*vdevice(), cut), HAILO_FILE_OPERATION_FAILURE);
}

TEST_F(FakeHef, Says_what_is_in_it) {
  const auto opened = Hef::create(model("x", detector("by_class", "[]")));
  ASSERT_TRUE(opened);
  const auto archs = opened->get_compatible_device_archs();
  EXPECT_EQ(*archs, (std::vector{HAILO_ARCH_HAILO15H, HAILO_ARCH_HAILO10H}));
  EXPECT_EQ(opened->get_network_groups_names(), std::vector<std::string>{"detector"});
  const auto inputs = opened->get_input_vstream_infos();
  ASSERT_EQ(inputs->size(), 1U);
  EXPECT_EQ(inputs->at(0).shape.width, 8U);
  const auto outputs = opened->get_output_vstream_infos();
  ASSERT_EQ(outputs->size(), 2U);
  EXPECT_EQ(outputs->at(0).format.order, HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS);
  EXPECT_EQ(outputs->at(0).nms_shape.max_bboxes_per_class, 4U);
  EXPECT_EQ(outputs->at(1).format.type, HAILO_FORMAT_TYPE_UINT8);
  EXPECT_EQ(outputs->at(1).quant_info.qp_zp, 3);
  EXPECT_EQ(opened->get_input_vstream_infos("other").status(), HAILO_NOT_FOUND);
  EXPECT_TRUE(opened->get_external_resource_names().empty());
}

TEST_F(FakeHef, Generative_models_bring_their_configuration) {
  const auto opened = Hef::create(model("talker"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->get_network_groups_names(),
            (std::vector<std::string>{"talker__prefill", "talker__tbt"}));
  const auto config = opened->get_external_resources("hailo-config.json");
  ASSERT_TRUE(config);
  const std::string text(reinterpret_cast<const char*>(config->data()), config->size());
  EXPECT_NE(text.find("\"kv_cache_size\":64"), std::string::npos) << text;
  EXPECT_EQ(opened->get_external_resources("other").status(), HAILO_NOT_FOUND);
}

TEST_F(FakeHef, Files_have_a_hash_and_old_ones_have_none) {
  const std::string path = model("camera");
  const auto hash = Hef::hash(path);
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, Hef::create(path)->hash());
  EXPECT_NE(*hash, *Hef::hash(model("lens")));
  EXPECT_EQ(Hef::hash(folder.file("slow.hef", hef_header(0, 2))).status(), HAILO_HEF_NOT_SUPPORTED);
}

TEST_F(FakeHef, A_buffer_must_say_which_model_it_is) {
  std::string named = hef("model: camera\n");
  EXPECT_TRUE(Hef::create(hailort::MemoryView(named.data(), named.size())));
  std::string nameless = hef();
  EXPECT_EQ(Hef::create(hailort::MemoryView(nameless.data(), nameless.size())).status(),
            HAILO_INVALID_HEF);
}

TEST_F(FakeHef, Another_chips_model_is_refused) {
  const auto mine = vdevice();
  EXPECT_EQ(configure_status(*mine, model("m",
                                          "kind: tensor\ninputs: [{dtype: uint8, shape: [1]}]\n"
                                          "outputs: [{dtype: uint8, shape: [1]}]\n"
                                          "hef: {architectures: [HAILO8]}\n")),
            HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE);
  EXPECT_EQ(configure_status(*mine, model("talker")), HAILO_INVALID_ARGUMENT);
}

TEST_F(FakeHef, One_of_several_groups_is_chosen_by_name) {
  const auto mine = vdevice();
  const std::string path = model("m",
                                 "kind: tensor\ninputs: [{dtype: uint8, shape: [1]}]\n"
                                 "outputs: [{dtype: uint8, shape: [1]}]\n"
                                 "hef: {groups: [a, b]}\n");
  EXPECT_EQ(configure_status(*mine, path), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(mine->create_infer_model(path, "c").status(), HAILO_NOT_FOUND);
  auto chosen = mine->create_infer_model(path, "b");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen.value()->configure().status(), HAILO_SUCCESS);
}

std::vector<std::uint8_t> boxes(FakeBench&, hailort::VDevice& on, const std::string& path,
                                const std::function<void(hailort::InferModel&)>& prepare) {
  auto made = on.create_infer_model(path).release();
  prepare(*made);
  auto ready = made->configure().release();
  std::vector<std::uint8_t> input(192);
  std::vector<std::uint8_t> out(made->output("detector/nms")->get_frame_size());
  std::vector<std::uint8_t> wide(16);
  auto bindings =
      ready.create_bindings({{"detector/in", hailort::MemoryView(input.data(), input.size())},
                             {"detector/nms", hailort::MemoryView(out.data(), out.size())},
                             {"detector/wide", hailort::MemoryView(wide.data(), wide.size())}});
  EXPECT_EQ(ready.run(*bindings, 60s), HAILO_SUCCESS);
  return out;
}

template <class T>
T at(const std::vector<std::uint8_t>& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

constexpr const char* kTwoBoxes = "[[0.1, 0.2, 0.3, 0.4, 0.5, 1], [0, 0, 0.5, 0.25, 0.9, 1]]";

TEST_F(FakeHef, Boxes_by_class_are_packed) {
  const auto mine = vdevice();
  const auto out = boxes(*this, *mine, model("x", detector("by_class", kTwoBoxes)), [](auto&) {});
  ASSERT_EQ(out.size(), 3 * (1 + 5 * 4) * sizeof(float));
  EXPECT_EQ(at<float>(out, 0), 0);  // class 0
  EXPECT_EQ(at<float>(out, 4), 2);  // class 1
  const auto first = at<hailo_bbox_float32_t>(out, 8);
  EXPECT_EQ(float{first.score}, 0.9F);
  EXPECT_EQ(float{first.x_max}, 0.5F);
  EXPECT_EQ(float{first.y_max}, 0.25F);
  EXPECT_EQ(at<float>(out, 8 + 2 * sizeof(first)), 0);  // class 2
}

TEST_F(FakeHef, Boxes_by_score_are_filtered_and_limited) {
  const auto mine = vdevice();
  const std::string path = model("x", detector("by_score", kTwoBoxes));
  auto out = boxes(*this, *mine, path, [](auto& infer) {
    infer.output("detector/nms")->set_nms_score_threshold(0.6F);
  });
  EXPECT_EQ(out.size(), 2 + 4 * sizeof(hailo_detection_t));
  EXPECT_EQ(at<std::uint16_t>(out, 0), 1);
  const auto only = at<hailo_detection_t>(out, 2);
  EXPECT_EQ(std::uint16_t{only.class_id}, 1);
  EXPECT_EQ(float{only.score}, 0.9F);
  out = boxes(*this, *mine, path,
              [](auto& infer) { infer.output("detector/nms")->set_nms_max_proposals_total(1); });
  EXPECT_EQ(out.size(), 2 + sizeof(hailo_detection_t));
  EXPECT_EQ(at<std::uint16_t>(out, 0), 1);
}

TEST_F(FakeHef, Masks_follow_their_boxes) {
  const auto mine = vdevice();
  const auto out = boxes(*this, *mine, model("x", detector("byte_mask", kTwoBoxes)), [](auto&) {});
  EXPECT_EQ(at<std::uint16_t>(out, 0), 2);
  const auto first = at<hailo_detection_with_byte_mask_t>(out, 2);
  EXPECT_EQ(std::size_t{first.mask_size}, 4U * 2U);  // packed: not by reference
  EXPECT_EQ(std::size_t{first.mask_offset}, 2 + sizeof(first));
  const auto second = at<hailo_detection_with_byte_mask_t>(out, 2 + sizeof(first) + 8);
  EXPECT_EQ(float{second.score}, 0.5F);
  EXPECT_EQ(out[first.mask_offset], 1);
}

}  // namespace
}  // namespace npu::fakes
