#include "store/catalogue.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

constexpr const char* kDepth = R"(
name: depth-tiny
family: depth
licence: Apache-2.0
input: {layout: nhwc}
files:
  onnx: {path: depth-tiny.onnx, package: hailo-models-cpu}
  hailo10h: {path: depth/scdepthv3.hef, url: "https://example.org/x.hef"}
)";

TEST(Catalogue, A_wrong_file_does_not_take_the_others_along) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("catalogue-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "a.yaml") << "{";
  std::ofstream(folder / "b.yaml") << kDepth;
  std::ofstream(folder / "notes.txt") << "x";
  std::vector<std::string> problems;
  const Catalogue catalogue = Catalogue::read(folder.string(), problems);
  std::filesystem::remove_all(folder);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("a.yaml"), std::string::npos);
  ASSERT_TRUE(catalogue.by_name("depth-tiny"));
  EXPECT_EQ(catalogue.by_file("scdepthv3.hef"), catalogue.by_name("depth-tiny"));
  EXPECT_EQ(catalogue.by_file("depth-tiny.onnx"), catalogue.by_name("depth-tiny"));
  EXPECT_FALSE(catalogue.by_file("other.hef"));
}

}  // namespace
}  // namespace npu::store
