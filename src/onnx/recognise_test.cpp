#include "onnx/recognise.hpp"

#include <gtest/gtest.h>

namespace npu::onnx {
namespace {

GraphTensor tensor(std::string name, Shape shape) {
  return {.name = std::move(name),
          .type = 1,
          .dtype = DType::kFloat32,
          .shaped = true,
          .shape = std::move(shape),
          .step = {}};
}

OnnxFile file_with(Shape input, std::vector<Shape> outputs,
                   std::vector<std::pair<std::string, std::string>> metadata = {}) {
  OnnxFile file;
  file.inputs.push_back(tensor("images", std::move(input)));
  for (auto& shape : outputs) file.outputs.push_back(tensor("output", std::move(shape)));
  file.metadata = std::move(metadata);
  return file;
}

using Metadata = std::vector<std::pair<std::string, std::string>>;

// As Ultralytics' exporter writes them.
Metadata ultralytics(std::string task, std::string args = "{'nms': False}") {
  return {{"stride", "32"},
          {"task", std::move(task)},
          {"names", "{0: 'person', 1: \"it's\", 2: 'a \\'b\\''}"},
          {"imgsz", "[320, 640]"},
          {"args", std::move(args)}};
}

TEST(Recognise, Exports_of_Ultralytics_say_everything) {
  const auto found = recognise(file_with({1, 3, 640, 640}, {{1, 7, 8400}}, ultralytics("detect")));
  EXPECT_EQ(found.as, "an export of Ultralytics for detect");
  const ModelDescription& model = found.description;
  EXPECT_EQ(model.family, "detect");
  EXPECT_EQ(model.head, "decoded");
  EXPECT_EQ(model.labels, (std::vector<std::string>{"person", "it's", "a 'b'"}));
  EXPECT_EQ(model.input.layout, PixelLayout::kNchw);
  EXPECT_EQ(model.input.colour, PixelColour::kRgb);
  EXPECT_EQ(model.input.fit, PictureFit::kLetterbox);
  EXPECT_EQ(model.input.padding, 114);
  EXPECT_EQ(model.input.std->at(0), 255);
  EXPECT_EQ(model.input.width, 640) << "the graph's size, not the metadata's";
}

TEST(Recognise, Of_Ultralytics_the_task_and_the_suppression_inside) {
  struct Row {
    const char* task;
    std::vector<Shape> outputs;
    const char* args;
    const char* head;
  };
  for (const Row& row : {
           Row{"detect", {{1, 300, 6}}, "{'nms': True}", "boxes"},
           Row{"pose", {{1, 56, 8400}}, "{'nms': False}", "decoded"},
           Row{"pose", {{1, 300, 57}}, "{'nms': True}", "boxes"},
           Row{"segment", {{1, 39, 8400}, {1, 32, 160, 160}}, "", "decoded"},
           Row{"segment", {{1, 300, 38}, {1, 32, 160, 160}}, "{'nms': True}", "boxes"},
           Row{"detect", {{1, 25200, 8}}, "", "yolov5"},
       }) {
    const auto found =
        recognise(file_with({1, 3, 640, 640}, row.outputs, ultralytics(row.task, row.args)));
    EXPECT_EQ(found.description.family, row.task);
    EXPECT_EQ(found.description.head, row.head) << row.task;
  }
  const auto oriented = recognise(file_with({1, 3, 640, 640}, {{1, 20, 8400}}, ultralytics("obb")));
  EXPECT_EQ(oriented.as, "an export of Ultralytics for obb, which no service here answers");
  EXPECT_EQ(oriented.description.family, "");
}

TEST(Recognise, Free_sides_are_those_of_the_metadata) {
  const auto free = recognise(file_with({-1, 3, -1, -1}, {{-1, 7, -1}}, ultralytics("detect")));
  EXPECT_EQ(free.description.head, "decoded");
  EXPECT_EQ(free.description.input.height, 320);
  EXPECT_EQ(free.description.input.width, 640);
  const auto v5 = recognise(
      file_with({-1, 3, -1, -1}, {{-1, -1, 8}}, {{"stride", "32"}, {"names", "['a', 'b', 'c']"}}));
  EXPECT_EQ(v5.description.head, "yolov5");
  EXPECT_EQ(v5.description.labels.size(), 3U);
  EXPECT_EQ(v5.description.input.width, kUsualSide);
}

TEST(Recognise, Yolox_has_no_metadata_and_is_known_by_its_output) {
  const auto found = recognise(file_with({1, 3, 416, 416}, {{1, 3549, 85}}));
  EXPECT_EQ(found.as, "an export of YOLOX");
  EXPECT_EQ(found.description.head, "yolox");
  EXPECT_EQ(found.description.label_set, "coco80");
  EXPECT_EQ(found.description.input.colour, PixelColour::kBgr);
  EXPECT_EQ(found.description.input.fit, PictureFit::kCorner);
  EXPECT_EQ(found.description.input.std->at(0), 1);
  OnnxFile yolov6 = file_with({1, 3, 416, 416}, {{1, 3549, 85}});
  yolov6.outputs[0].name = "outputs";  // of the same shape, and takes 0..1
  EXPECT_EQ(recognise(yolov6).as, "");
}

TEST(Recognise, What_lost_its_metadata_is_known_by_shapes_that_nothing_else_has) {
  EXPECT_EQ(recognise(file_with({1, 3, 640, 640}, {{1, 84, 8400}})).description.family, "detect");
  EXPECT_EQ(recognise(file_with({1, 3, 640, 640}, {{1, 56, 8400}})).description.family, "pose");
  EXPECT_EQ(recognise(file_with({1, 3, 640, 640}, {{1, 116, 8400}, {1, 32, 160, 160}}))
                .description.family,
            "segment");
  for (const auto& file :
       {file_with({1, 3, 224, 224}, {{1, 1000}}), file_with({1, 3, 640, 640}, {{1, 84, 8000}}),
        file_with({1, 4, 640, 640}, {{1, 84, 8400}}), file_with({1, 7}, {{1, 84, 8400}})}) {
    EXPECT_EQ(recognise(file).as, "");
  }
}

TEST(Recognise, Detectors_of_TensorFlow_by_the_names_of_their_outputs) {
  OnnxFile file = file_with({1, -1, -1, 3}, {{1, 100, 4}, {1, 100}, {1, 100}, {1}});
  EXPECT_EQ(recognise(file).as, "");
  const char* names[] = {"detection_boxes:0", "detection_classes:0", "detection_scores:0",
                         "num_detections:0"};
  for (std::size_t i = 0; i < 4; ++i) file.outputs[i].name = names[i];
  const auto found = recognise(file);
  EXPECT_EQ(found.description.head, "ssd");
  EXPECT_EQ(found.description.label_set, "coco90");
  EXPECT_EQ(found.description.input.fit, PictureFit::kStretch);
  EXPECT_EQ(found.description.input.layout, PixelLayout::kNhwc);
  EXPECT_EQ(found.description.input.std->at(0), 1);
}

TEST(Recognise, Names_of_classes_are_read_as_Python_writes_them) {
  EXPECT_EQ(labels_in_python("{0: 'a', 2: 'c'}"), (std::vector<std::string>{"a", "class 1", "c"}));
  EXPECT_EQ(labels_in_python("['a', \"b\"]"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(labels_in_python("{}").size(), 0U);
  for (const char* broken : {"", "{", "person", "{0: 'a}", "{0 'a'}", "{x: 'a'}", "{99999: 'a'}",
                             "['a', b]", "{0: }", "{-1: 'a'}", "{0: 'a"}) {
    EXPECT_TRUE(labels_in_python(broken).empty()) << broken;
  }
}

OnnxFile levels(Shape input, const std::vector<std::int64_t>& columns, bool free = false) {
  OnnxFile file = file_with(std::move(input), {});
  for (const std::int64_t column : columns) {
    for (const std::int64_t rows : {12800, 3200, 800}) {
      file.outputs.push_back(tensor("level", {1, free ? kFreeSide : rows, column}));
    }
  }
  return file;
}

TEST(Recognise, Detectors_of_faces_by_their_outputs) {
  const auto scrfd = recognise(levels({1, 3, 640, 640}, {1, 4, 10}));
  EXPECT_EQ(scrfd.as, "SCRFD");
  EXPECT_EQ(scrfd.description.family, "face");
  EXPECT_EQ(scrfd.description.head, "scrfd");
  EXPECT_EQ(scrfd.description.input.colour, PixelColour::kRgb);
  EXPECT_EQ(scrfd.description.input.mean->at(0), 127.5);
  EXPECT_EQ(scrfd.description.input.std->at(0), 128);
  const auto yunet = recognise(levels({1, 3, -1, -1}, {1, 1, 4, 10}, true));
  EXPECT_EQ(yunet.description.head, "yunet");
  EXPECT_EQ(yunet.description.input.colour, PixelColour::kBgr);
  EXPECT_EQ(yunet.description.input.std->at(0), 1);
  EXPECT_EQ(yunet.description.input.width, kUsualSide);
  const auto blaze = recognise(
      file_with({1, 128, 128, 3}, {{1, 512, 1}, {1, 384, 1}, {1, 512, 16}, {1, 384, 16}}));
  EXPECT_EQ(blaze.description.head, "blazeface");
  EXPECT_EQ(blaze.description.input.layout, PixelLayout::kNhwc);
  EXPECT_EQ(blaze.description.input.std->at(0), 127.5);
  OnnxFile bytes = levels({1, 640, 640, 3}, {1, 4, 10});
  bytes.inputs[0].dtype = DType::kUint8;
  EXPECT_EQ(recognise(bytes).description.head, "scrfd");
  EXPECT_FALSE(recognise(bytes).description.input.mean) << "it is inside such a graph";
}

TEST(Recognise, Networks_that_know_faces_again_by_size_and_names) {
  const auto arcface = recognise(file_with({-1, 3, 112, 112}, {{1, 512}}));
  EXPECT_EQ(arcface.as, "ArcFace");
  EXPECT_EQ(arcface.description.head, "embedding");
  EXPECT_EQ(arcface.description.input.fit, PictureFit::kStretch);
  EXPECT_EQ(arcface.description.input.mean->at(0), 127.5);
  OnnxFile sface = file_with({1, 3, 112, 112}, {{1, 128}});
  EXPECT_EQ(recognise(sface).as, "") << "128 numbers may be anything";
  sface.inputs[0].name = "data";
  sface.outputs[0].name = "fc1";
  EXPECT_EQ(recognise(sface).as, "SFace");
  EXPECT_EQ(recognise(sface).description.input.mean->at(0), 0);
  EXPECT_EQ(recognise(file_with({1, 3, 224, 224}, {{1, 512}})).as, "");
  EXPECT_EQ(recognise(file_with({1, 1, 112, 112}, {{1, 512}})).as, "");
}

}  // namespace
}  // namespace npu::onnx
