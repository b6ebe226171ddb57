#include "store/resolver.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

namespace fs = std::filesystem;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() : root_(fs::temp_directory_path() / ("resolver-" + std::to_string(::getpid()))) {
    fs::create_directories(root_ / "models");
  }
  ~ResolverTest() override { fs::remove_all(root_); }

  std::string at(const char* name) const { return (root_ / "models" / name).string(); }
  void make(const char* name) const { std::ofstream(at(name)) << "12345"; }
  void make_hef(const char* name) const {
    std::ofstream(at(name), std::ios::binary)
        << std::string("\x01HEF\0\0\0\x03\0\0\0\x04", 12) << std::string(44, '\0') << " abc";
  }

  Resolver resolver(const char* kind, const char* architecture = "") const {
    CatalogueFile cpu{.path = "depth-tiny.onnx", .package = "hailo-models-cpu"};
    CatalogueFile npu{.path = "scdepthv3.hef", .url = "https://example.org/scdepthv3.hef"};
    CatalogueEntry depth{.name = "depth-tiny", .family = "depth"};
    depth.files = {{"onnx", cpu}, {"hailo10h", npu}};
    CatalogueEntry chat{.name = "chat", .family = "vlm"};
    chat.files = {{"hailo10h", {.path = "chat.hef"}}};
    return {ModelDirs({(root_ / "models").string()}), Catalogue({depth, chat}), kind, architecture};
  }

  fs::path root_;
};

TEST_F(ResolverTest, The_CPU_takes_the_variant_that_the_catalogue_knows) {
  make("scdepthv3.hef");
  make("depth-tiny.onnx");
  const auto file = resolver("onnx").open(at("scdepthv3.hef"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->path, at("depth-tiny.onnx"));
  EXPECT_EQ(file->size, 5U);
}

TEST_F(ResolverTest, The_file_for_the_NPU_need_not_be_there_for_the_CPU) {
  make("depth-tiny.onnx");
  EXPECT_EQ(resolver("onnx").open(at("scdepthv3.hef"))->path, at("depth-tiny.onnx"));
}

TEST_F(ResolverTest, A_file_for_the_NPU_that_is_cut_off_is_refused_before_it_is_loaded) {
  make_hef("scdepthv3.hef");
  EXPECT_TRUE(resolver("hailort", "hailo10h").open(at("scdepthv3.hef")));
  fs::resize_file(at("scdepthv3.hef"), 59);
  for (const std::string& asked : {at("scdepthv3.hef"), std::string("depth-tiny")}) {
    const auto cut = resolver("hailort", "hailo10h").open(asked);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(cut.error().message, "Model file " + asked +
                                       ": no complete HEF file: it is cut off after 59 of 60 "
                                       "bytes; load it down again");
  }
}

TEST_F(ResolverTest, What_to_install_is_said) {
  EXPECT_EQ(
      resolver("onnx").open(at("scdepthv3.hef")).error().message,
      "Model file not found: " + at("scdepthv3.hef") +
          " (no CPU variant is installed: install hailo-models-cpu or put depth-tiny.onnx into " +
          (root_ / "models").string() + ")");
  EXPECT_NE(resolver("onnx").open("chat").error().message.find("has no CPU variant"),
            std::string::npos);
}

TEST_F(ResolverTest, What_is_fetched_is_found_wherever_a_service_looks_for_it) {
  const std::string asked = at("service/resources/scdepthv3.hef");
  for (const char* kind : {"hailort", "sim"}) {
    const auto missing = resolver(kind, "hailo10h").open(asked);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing.error().message,
              "Model file not found: " + asked +
                  " (no hailo10h variant is installed: hailoctl pull depth-tiny brings it)");
  }
  EXPECT_EQ(resolver("hailort", "hailo8").open(asked).error().message,
            "Model file not found: " + asked)
      << "of another chip there is no file of this name";
  EXPECT_EQ(resolver("hailort", "hailo10h").open("/etc/scdepthv3.hef").error().code,
            ErrorCode::kPermission);
  make_hef("scdepthv3.hef");
  EXPECT_EQ(resolver("hailort", "hailo10h").open(asked)->path, at("scdepthv3.hef"));
  make("scdepthv3.hef");
  EXPECT_EQ(resolver("hailort", "hailo10h").open(asked).error().code, ErrorCode::kMalformed);
}

TEST_F(ResolverTest, A_path_that_was_made_of_a_models_name_is_that_model) {
  make("depth-tiny.onnx");
  make_hef("scdepthv3.hef");
  EXPECT_EQ(resolver("onnx").open(at("depth-tiny.hef"))->path, at("depth-tiny.onnx"));
  const Resolver npu = resolver("hailort", "hailo10h");
  EXPECT_EQ(npu.open(at("depth-tiny.hef"))->path, at("scdepthv3.hef"));
  fs::remove(at("scdepthv3.hef"));
  EXPECT_EQ(npu.open(at("depth-tiny.hef")).error().message,
            "Model file not found: " + at("depth-tiny.hef") +
                " (no hailo10h variant is installed: hailoctl pull depth-tiny brings it)");
  EXPECT_EQ(npu.open(at("depth-tiny.bin")).error().code, ErrorCode::kNotFound);
}

TEST_F(ResolverTest, Without_the_catalogue_the_same_name_counts) {
  make("mine.onnx");
  EXPECT_EQ(resolver("onnx").open(at("mine.hef"))->path, at("mine.onnx"));
  EXPECT_EQ(resolver("onnx").open(at("mine.onnx"))->path, at("mine.onnx"));
  EXPECT_EQ(resolver("onnx").open(at("none.hef")).error().message,
            "Model file not found: " + at("none.hef"));
}

TEST_F(ResolverTest, Names_of_the_catalogue_stand_for_the_devices_file) {
  make_hef("scdepthv3.hef");
  make("depth-tiny.onnx");
  EXPECT_EQ(resolver("hailort", "hailo10h").open("depth-tiny")->path, at("scdepthv3.hef"));
  EXPECT_EQ(resolver("onnx").open("depth-tiny")->path, at("depth-tiny.onnx"));
  EXPECT_EQ(resolver("onnx").open("nobody").error().code, ErrorCode::kNotFound);
}

TEST_F(ResolverTest, The_NPU_takes_the_file_itself) {
  make_hef("scdepthv3.hef");
  EXPECT_EQ(resolver("hailort", "hailo10h").open(at("scdepthv3.hef"))->path, at("scdepthv3.hef"));
  EXPECT_EQ(resolver("hailort", "hailo10h").open(at("x.hef")).error().message,
            "Model file not found: " + at("x.hef"));
}

TEST_F(ResolverTest, The_NPU_is_spared_files_that_are_none_of_its_own) {
  std::ofstream(at("page.hef")) << "<html>404</html>";
  make("scdepthv3.hef");
  const auto npu = resolver("hailort", "hailo10h");
  EXPECT_EQ(npu.open(at("page.hef")).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(
      npu.open(at("page.hef")).error().message,
      "Model file " + at("page.hef") + ": no HEF file; it is a web page; the download went wrong");
  EXPECT_EQ(npu.open("depth-tiny").error().message, "Model file depth-tiny: no HEF file");
  EXPECT_TRUE(resolver("sim").open(at("page.hef")));
  make("tokenizer.json");
  EXPECT_TRUE(npu.open(at("tokenizer.json")));
}

TEST_F(ResolverTest, A_simulated_device_takes_every_name_and_files_that_are_there) {
  EXPECT_EQ(resolver("sim").open("anything")->path, "anything");
  EXPECT_EQ(resolver("sim").open(at("x.hef")).error().message,
            "Model file not found: " + at("x.hef"));
  make("x.hef");
  EXPECT_EQ(resolver("sim").open(at("x.hef"))->path, at("x.hef"));
  EXPECT_EQ(resolver("sim").open("/etc/passwd").error().code, ErrorCode::kPermission);
}

TEST_F(ResolverTest, Every_device_is_confined) {
  for (const char* kind : {"sim", "onnx", "hailort"}) {
    EXPECT_EQ(resolver(kind, "hailo10h").open("/etc/hostname.onnx").error().code,
              ErrorCode::kPermission);
    EXPECT_EQ(resolver(kind, "hailo10h").open("/etc/hostname").error().code,
              ErrorCode::kPermission);
  }
}

// As the manager's user, whom a service's own folder (mode 0700) keeps out.
class ClosedFolder : public ResolverTest {
 protected:
  ClosedFolder() { fs::create_directories(root_ / "models/closed"); }
  ~ClosedFolder() override {
    if (left_root_) (void)!::seteuid(0);
    fs::permissions(root_ / "models/closed", fs::perms(0700));
  }
  // From now on. False where this user cannot be kept out.
  bool keep_out() {
    fs::permissions(root_ / "models/closed", fs::perms(::geteuid() == 0 ? 0700 : 0));
    if (::geteuid() == 0) left_root_ = ::seteuid(65534) == 0;
    return ::geteuid() != 0;
  }
  static bool says(const Result<OpenedFile>& file, const std::string& words) {
    return !file && file.error().message.find(words) != std::string::npos;
  }
  // Where other folders than `models` are looked into by name.
  Resolver with_closed(const char* kind) const {
    CatalogueFile npu{.path = "scdepthv3.hef", .url = "https://example.org/scdepthv3.hef"};
    CatalogueEntry depth{.name = "depth-tiny", .family = "depth"};
    depth.files = {{"hailo10h", npu}, {"onnx", {.path = "a.onnx", .url = "https://example.org/a"}}};
    return {ModelDirs({at("closed"), (root_ / "models").string()}), Catalogue({depth}), kind,
            "hailo10h"};
  }

  bool left_root_ = false;
};

TEST_F(ClosedFolder, Hides_no_model_that_is_installed_elsewhere) {
  make_hef("scdepthv3.hef");
  make("a.onnx");
  if (!keep_out()) GTEST_SKIP() << "nobody keeps this user out";
  const auto npu = with_closed("hailort").open(at("closed/scdepthv3.hef"));
  ASSERT_TRUE(npu) << npu.error().message;
  EXPECT_EQ(npu->path, at("scdepthv3.hef"));
  const auto cpu = with_closed("onnx").open(at("closed/scdepthv3.hef"));
  ASSERT_TRUE(cpu) << cpu.error().message;
  EXPECT_EQ(cpu->path, at("a.onnx"));
}

TEST_F(ClosedFolder, Takes_not_the_place_of_the_command_that_brings_a_model) {
  if (!keep_out()) GTEST_SKIP() << "nobody keeps this user out";
  for (const char* kind : {"hailort", "onnx"}) {
    for (const std::string& asked : {std::string("depth-tiny"), at("closed/scdepthv3.hef")}) {
      const auto file = with_closed(kind).open(asked);
      EXPECT_TRUE(says(file, "hailoctl pull depth-tiny brings it")) << asked;
      EXPECT_TRUE(says(file, "may not enter the folder " + at("closed"))) << file.error().message;
      EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
    }
  }
}

TEST_F(ClosedFolder, Is_named_where_the_catalogue_does_not_know_the_model) {
  if (!keep_out()) GTEST_SKIP() << "nobody keeps this user out";
  for (const char* kind : {"hailort", "onnx"}) {
    const auto file = with_closed(kind).open(at("closed/mine.hef"));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::kPermission);
    EXPECT_TRUE(says(file, "may not enter the folder")) << file.error().message;
  }
  const auto outside = with_closed("onnx").open("/root/scdepthv3.hef");
  EXPECT_TRUE(says(outside, "not allowed")) << outside.error().message;
}

}  // namespace
}  // namespace npu::store
