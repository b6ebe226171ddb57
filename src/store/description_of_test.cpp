#include "store/description_of.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::store {
namespace {

class DescriptionOf : public testing::Test {
 protected:
  Result<Described> operator()(const std::string& path, std::string_view device = "onnx") const {
    return description_of(path, catalogue_, device, [](const std::string& file, std::size_t most) {
      return read(file, most);
    });
  }
  std::string error(const std::string& path) const {
    const auto described = (*this)(path);
    return described ? "" : described.error().message;
  }

  fakes::TempDir dir_;
  Catalogue catalogue_{{entry()}};

 private:
  static Result<std::string> read(const std::string& path, std::size_t most) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ErrorCode::kNotFound, path);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    return text.substr(0, most + 1);
  }
  static CatalogueEntry entry() {
    CatalogueEntry yolo{.name = "yolo", .family = "detect"};
    yolo.labels = "coco80";
    CatalogueFile hef{.path = "yolo.hef"};
    hef.head = "boxes";
    hef.labels = yolo.labels;
    CatalogueFile onnx{.path = "yolo.onnx"};
    onnx.head = "decoded";
    onnx.labels = "coco90";
    yolo.files = {{"hailo10h", hef}, {"onnx", onnx}};
    return yolo;
  }
};

TEST_F(DescriptionOf, Of_a_file_that_the_catalogue_knows_it_is_the_catalogues) {
  const auto hef = (*this)(dir_.path("yolo.hef"), "hailo10h");
  ASSERT_TRUE(hef) << hef.error().message;
  EXPECT_EQ(hef->description.head, "boxes");
  EXPECT_EQ(hef->description.label_set, "coco80");
  EXPECT_EQ(hef->by, "the catalogue's entry yolo");
  EXPECT_EQ((*this)(dir_.path("yolo.onnx"))->description.head, "decoded");
  EXPECT_EQ((*this)(dir_.path("yolo.onnx"))->description.label_set, "coco90");
  EXPECT_EQ((*this)(dir_.path("other.onnx"))->by, "");
  EXPECT_EQ((*this)("yolo.hef", "sim")->description.head, "boxes");
}

TEST_F(DescriptionOf, What_lies_beside_the_file_goes_before) {
  dir_.file("model.yaml", "head: dfl\nlabels: [one, two]\n");
  const auto folder = (*this)(dir_.path("yolo.onnx"));
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_EQ(folder->description.head, "dfl");
  EXPECT_EQ(folder->description.labels, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(folder->by, dir_.path("model.yaml"));
  dir_.file("yolo.yaml", "head: yolox\n");
  const auto own = (*this)(dir_.path("yolo.onnx"));
  EXPECT_EQ(own->description.head, "yolox");
  EXPECT_TRUE(own->description.label_set.empty());
  EXPECT_EQ(own->by, dir_.path("yolo.yaml"));
}

TEST_F(DescriptionOf, A_model_yaml_that_lists_files_is_about_these) {
  dir_.file("model.yaml",
            "head: dfl\nfiles: {onnx: {path: mine.onnx, head: yolox}, hailo10h: {path: mine.hef}}");
  EXPECT_EQ((*this)(dir_.path("mine.onnx"))->description.head, "yolox");
  EXPECT_EQ((*this)(dir_.path("mine.hef"))->description.head, "dfl");
  EXPECT_EQ((*this)(dir_.path("other.onnx"))->by, "");
}

TEST_F(DescriptionOf, Labels_may_lie_in_a_file_beside_it) {
  dir_.file("mine.yaml", "labels: names.txt\n");
  EXPECT_EQ(error(dir_.path("mine.onnx")),
            "the list of labels " + dir_.path("names.txt") + " is not there");
  dir_.file("names.txt", "cat\r\ndog\n\n");
  EXPECT_EQ((*this)(dir_.path("mine.onnx"))->description.labels,
            (std::vector<std::string>{"cat", "dog"}));
  dir_.file("names.txt", "cat\n\ndog\n");
  EXPECT_NE(error(dir_.path("mine.onnx")).find("names.txt: no list of labels"), std::string::npos);
}

TEST_F(DescriptionOf, A_yaml_that_is_wrong_is_named_and_not_passed_over) {
  dir_.file("mine.yaml", "input: {layout: chw}\n");
  EXPECT_EQ(error(dir_.path("mine.onnx")),
            dir_.path("mine.yaml") + ": input.layout must be one of nhwc, nchw, got chw");
}

}  // namespace
}  // namespace npu::store
