#include "cli/files.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

TEST(Files, A_path_behind_a_link_stays_the_path_of_its_file) {
  const fakes::TempDir dir;
  fs::create_directories(dir.path("store/models"));
  fs::create_symlink("store/models", dir.path("link"));
  std::ofstream(dir.path("store/x.hef")) << "the one that is meant";
  std::ofstream(dir.path("x.hef")) << "another";
  EXPECT_EQ(absolute_path(dir.path("link/../x.hef")), dir.path("link/../x.hef"));
  fs::remove(dir.path("x.hef"));
  EXPECT_EQ(absolute_path(dir.path("link/../x.hef")), dir.path("link/../x.hef"));
}

TEST(Files, Other_paths_are_made_short) {
  const fakes::TempDir dir;
  fs::create_directories(dir.path("models"));
  std::ofstream(dir.path("x.hef")) << "x";
  EXPECT_EQ(absolute_path(dir.path("models/.././x.hef")), dir.path("x.hef"));
  EXPECT_EQ(absolute_path(dir.path("models/../absent.hef")), dir.path("absent.hef"));
  EXPECT_EQ(absolute_path("x.hef"), (fs::current_path() / "x.hef").string());
}

}  // namespace
}  // namespace npu::cli
