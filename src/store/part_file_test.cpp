#include "store/part_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace npu::store {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> piece_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string all_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

unsigned mode_of(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

class PartFileTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_);
    old_umask_ = ::umask(0077);
  }
  void TearDown() override {
    ::umask(old_umask_);
    fs::remove_all(folder_);
  }
  fs::path folder_ = fs::temp_directory_path() / ("part-" + std::to_string(::getpid()));
  std::string target_ = (folder_ / "a.hef").string();
  mode_t old_umask_ = 0;
};

TEST_F(PartFileTest, Nobody_sees_the_file_under_its_name_before_it_is_whole) {
  auto part = PartFile::open(target_);
  ASSERT_TRUE(part) << part.error().message;
  ASSERT_TRUE(part->begin({"https://x/a", "\"1\""}));
  ASSERT_TRUE(part->append(piece_of("abc")));
  EXPECT_FALSE(fs::exists(target_));
  ASSERT_TRUE(part->append(piece_of("def")));
  ASSERT_TRUE(part->finish());
  EXPECT_EQ(all_of(target_), "abcdef");
  EXPECT_EQ(mode_of(target_), 0644U) << "whatever the umask";
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(PartFileTest, Who_comes_later_goes_on_from_what_is_there) {
  {
    auto part = PartFile::open(target_);
    ASSERT_TRUE(part->begin({"https://x/a", "\"1\""}));
    ASSERT_TRUE(part->append(piece_of("abc")));
  }
  auto part = PartFile::open(target_);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->size(), 3U);
  EXPECT_EQ(part->origin().url, "https://x/a");
  EXPECT_EQ(part->origin().validator, "\"1\"");
  ASSERT_TRUE(part->append(piece_of("d")));
  ASSERT_TRUE(part->finish());
  EXPECT_EQ(all_of(target_), "abcd");
}

TEST_F(PartFileTest, One_process_at_a_time_has_it) {
  auto part = PartFile::open(target_);
  ASSERT_TRUE(part);
  EXPECT_EQ(PartFile::open(target_).error().code, ErrorCode::kBusy);
  part->discard();
  EXPECT_TRUE(PartFile::open(target_)) << "the lock is the file's, not the name's";
  EXPECT_FALSE(PartFile::open((folder_ / "none" / "a").string()));
}

TEST_F(PartFileTest, Links_that_somebody_left_are_not_followed) {
  const std::string other = (folder_ / "other").string();
  std::ofstream(other) << "precious";
  fs::create_symlink(other, target_ + ".part");
  EXPECT_FALSE(PartFile::open(target_));
  fs::remove(target_ + ".part");
  fs::create_hard_link(other, target_ + ".part");
  EXPECT_FALSE(PartFile::open(target_));
  EXPECT_EQ(all_of(other), "precious");
}

TEST_F(PartFileTest, Without_knowing_where_it_came_from_what_is_there_is_of_no_use) {
  std::ofstream(target_ + ".part") << "abc";
  auto part = PartFile::open(target_);
  EXPECT_EQ(part->origin().url, "");
  ASSERT_TRUE(part->begin({"https://x/a", ""}));
  EXPECT_EQ(part->size(), 0U);
}

TEST_F(PartFileTest, Folders_can_be_entered_whatever_the_umask) {
  const fs::path deep = folder_ / "x" / "y";
  ASSERT_TRUE(make_folders(deep.string()));
  ASSERT_TRUE(make_folders(deep.string()));
  EXPECT_EQ(mode_of(deep.string()), 0755U);
  EXPECT_EQ(mode_of(deep.parent_path().string()), 0755U);
  std::ofstream(folder_ / "file") << "";
  EXPECT_FALSE(make_folders((folder_ / "file" / "z").string()));
  EXPECT_GT(free_bytes(folder_.string()).value(), 0U);
}

}  // namespace
}  // namespace npu::store
