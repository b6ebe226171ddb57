#include "store/model_dirs.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace npu::store {
namespace {

namespace fs = std::filesystem;

class ModelDirsTest : public testing::Test {
 protected:
  ModelDirsTest() {
    static int count = 0;
    root_ = fs::temp_directory_path() / fmt_name(count++);
    for (const char* dir : {"models/sub", "secret", "hailo-depth", "hailo-pose/models", "other"}) {
      fs::create_directories(root_ / dir);
    }
    for (const char* file : {"models/a.hef", "models/sub/b.hef", "secret/key", "hailo-depth/c.hef",
                             "hailo-pose/models/d.hef", "other/e.hef"}) {
      std::ofstream(root_ / file) << "x";
    }
  }
  ~ModelDirsTest() override { fs::remove_all(root_); }

  static std::string fmt_name(int count) {
    return "model-dirs-" + std::to_string(::getpid()) + "-" + std::to_string(count);
  }
  std::string at(const char* path) const { return (root_ / path).string(); }
  ErrorCode refusal(const std::string& path) const {
    const auto resolved = dirs().open(path);
    return resolved ? ErrorCode::kInternal : resolved.error().code;
  }
  ModelDirs dirs() const { return ModelDirs({at("models"), at("hailo-*/")}); }

  fs::path root_;
};

TEST_F(ModelDirsTest, Files_below_a_folder_are_allowed) {
  EXPECT_EQ(dirs().open(at("models/a.hef")).value().path, at("models/a.hef"));
  EXPECT_EQ(dirs().open(at("models/sub/../sub//b.hef")).value().path, at("models/sub/b.hef"));
  EXPECT_EQ(dirs().open(at("hailo-depth/c.hef")).value().path, at("hailo-depth/c.hef"));
}

TEST_F(ModelDirsTest, Nothing_else_is_and_whether_it_exists_is_not_told) {
  for (const std::string& path :
       {at("secret/key"), at("secret/missing"), at("models/../secret/key"), at("models"),
        at("other/e.hef"), at("modelsx/a.hef"), std::string("models/a.hef"), std::string(),
        at("hailo-depth")}) {
    EXPECT_EQ(refusal(path), ErrorCode::kPermission) << path;
  }
  EXPECT_EQ(refusal(at("models/a.hef") + std::string("\0.hef", 5)), ErrorCode::kPermission);
}

TEST_F(ModelDirsTest, Missing_files_and_folders_are_not_found) {
  EXPECT_EQ(dirs().open(at("models/x.hef")).error().message,
            "Model file not found: " + at("models/x.hef"));
  EXPECT_EQ(refusal(at("models/sub")), ErrorCode::kNotFound);
}

TEST_F(ModelDirsTest, Links_are_followed_and_must_not_lead_out) {
  fs::create_symlink(root_ / "secret/key", root_ / "models/link.hef");
  fs::create_directory_symlink(root_ / "secret", root_ / "models/linked");
  fs::create_symlink(root_ / "hailo-depth/c.hef", root_ / "models/fine.hef");
  EXPECT_EQ(refusal(at("models/link.hef")), ErrorCode::kPermission);
  EXPECT_EQ(refusal(at("models/linked/key")), ErrorCode::kPermission);
  EXPECT_EQ(dirs().open(at("models/fine.hef")).value().path, at("hailo-depth/c.hef"));
}

TEST_F(ModelDirsTest, What_was_opened_stays_what_it_is_when_its_name_leads_elsewhere) {
  const auto opened = dirs().open(at("models/a.hef"));
  ASSERT_TRUE(opened);
  fs::create_symlink(root_ / "secret/key", root_ / "models/swap");
  fs::rename(root_ / "models/swap", root_ / "models/a.hef");
  struct stat before{};
  ASSERT_EQ(::fstat(opened->fd.get(), &before), 0);
  EXPECT_EQ(before.st_ino, opened->inode);
  EXPECT_EQ(refusal(at("models/a.hef")), ErrorCode::kPermission);
}

TEST_F(ModelDirsTest, Neither_FIFOs_nor_devices_are_models_and_none_is_waited_for) {
  ASSERT_EQ(::mkfifo(at("models/fifo.hef").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", root_ / "models/zero.hef");
  fs::create_symlink("/proc/self/fd/0", root_ / "models/magic.hef");
  EXPECT_EQ(refusal(at("models/fifo.hef")), ErrorCode::kNotFound);
  EXPECT_EQ(refusal(at("models/zero.hef")), ErrorCode::kPermission);
  EXPECT_EQ(refusal(at("models/magic.hef")), ErrorCode::kPermission);
}

TEST_F(ModelDirsTest, A_folder_that_may_not_be_entered_is_named) {
  const bool root = ::geteuid() == 0;
  fs::permissions(root_ / "models", root ? fs::perms::owner_all : fs::perms::none);
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto refused = dirs().open(at("models/sub/b.hef"));
  const auto missing = dirs().find("a.hef");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(root_ / "models", fs::perms::owner_all);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
  EXPECT_NE(refused.error().message.find("enter the folder " + at("models")), std::string::npos);
  EXPECT_EQ(missing.error().code, ErrorCode::kPermission);
}

TEST_F(ModelDirsTest, Dots_behind_a_link_are_taken_as_the_system_takes_them) {
  fs::create_directory_symlink(root_ / "secret", root_ / "models/linked");
  // As text this is models/a.hef; the system would look into the folder that holds `secret`.
  EXPECT_NE(refusal(at("models/linked/../a.hef")), ErrorCode::kInternal);
}

TEST_F(ModelDirsTest, A_folder_that_is_itself_a_link_is_allowed) {
  fs::create_directory_symlink(root_ / "other", root_ / "linked-models");
  const ModelDirs linked({at("linked-models")});
  EXPECT_EQ(linked.open(at("linked-models/e.hef")).value().path, at("other/e.hef"));
}

TEST_F(ModelDirsTest, Files_are_found_by_name_also_in_the_folders_of_services) {
  EXPECT_EQ(dirs().find("a.hef")->path, at("models/a.hef"));
  EXPECT_EQ(dirs().find("d.hef")->path, at("hailo-pose/models/d.hef"));
  EXPECT_EQ(dirs().find("e.hef").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(dirs().find("../secret/key").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace npu::store
