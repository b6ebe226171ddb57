#include "cli/migrate/tree.hpp"

#include <filesystem>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "cli/migrate/migrate_test_support.hpp"

namespace npu::cli::migrate {
namespace {

namespace fs = std::filesystem;

TEST(MigrateTree, No_link_on_the_way_is_followed_wherever_it_leads) {
  const OldRoot root;
  root.put("/real/secret", "text");
  fs::create_directory(root.beside("outside"));
  fs::create_directory_symlink(root.at("/real"), root.at("/absolute"));
  fs::create_directory_symlink("real", root.at("/relative"));
  fs::create_directory_symlink(root.beside("outside"), root.at("/out"));
  fs::create_symlink("real/secret", root.at("/link"));
  const Tree tree = root.tree();
  EXPECT_EQ(tree.read("/real/secret", 10).value(), "text");
  for (const char* path : {"/absolute/secret", "/relative/secret", "/out/x", "/link"}) {
    EXPECT_FALSE(tree.read(path, 10)) << path;
    EXPECT_FALSE(tree.set_access(path, {0, 0, 0600})) << path;
  }
  EXPECT_EQ(tree.write("/out/x", "text", 0644).error().code, ErrorCode::kPermission);
  EXPECT_EQ(tree.make_folder("/out/new", 0755).error().code, ErrorCode::kPermission);
  EXPECT_EQ(tree.move("/real/secret", "/out/secret").error().code, ErrorCode::kPermission);
  EXPECT_TRUE(fs::is_empty(root.beside("outside")));
  EXPECT_FALSE(tree.read("/../" + root.beside("outside"), 10));
}

TEST(MigrateTree, What_is_written_takes_the_place_of_a_link_and_not_of_what_it_leads_to) {
  const OldRoot root;
  root.put("/victim", "before");
  fs::create_symlink("victim", root.at("/link"));
  ASSERT_TRUE(root.tree().write("/link", "after", 0640));
  EXPECT_EQ(root.text("/victim"), "before");
  EXPECT_EQ(root.text("/link"), "after");
  EXPECT_EQ(root.tree().look("/link").mode, 0640U);
}

TEST(MigrateTree, Modes_are_those_that_were_asked_for_whatever_the_umask) {
  const OldRoot root;
  root.put("/there", "");
  const mode_t before = ::umask(0077);
  const Status made = root.tree().make_folder("/a/b", 0755);
  const Status written = root.tree().write("/a/b/c", "text", 0644);
  ::umask(before);
  ASSERT_TRUE(made && written);
  EXPECT_EQ(root.tree().look("/a").mode, 0755U);
  EXPECT_EQ(root.tree().look("/a/b").mode, 0755U);
  EXPECT_EQ(root.tree().look("/a/b/c").mode, 0644U);
}

TEST(MigrateTree, A_move_goes_over_nothing) {
  const OldRoot root;
  root.put("/from", "new");
  root.put("/to", "old");
  EXPECT_FALSE(root.tree().move("/from", "/to"));
  EXPECT_EQ(root.text("/from") + root.text("/to"), "newold");
}

TEST(MigrateTree, A_file_with_two_names_is_not_given_away) {
  const OldRoot root;
  root.put("/shadow", "secret");
  fs::create_hard_link(root.at("/shadow"), root.at("/model.hef"));
  EXPECT_EQ(root.tree().set_access("/model.hef", {0, 0, 0644}).error().code,
            ErrorCode::kPermission);
}

TEST(MigrateTree, Only_files_are_read_and_only_so_much) {
  const OldRoot root;
  root.put("/large", std::string(11, 'x'));
  ASSERT_EQ(::mkfifo(root.at("/fifo").c_str(), 0600), 0);
  fs::create_directory(root.at("/folder"));
  EXPECT_EQ(root.tree().read("/large", 10).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(root.tree().read("/large", 11).value().size(), 11U);
  EXPECT_EQ(root.tree().read("/fifo", 10).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(root.tree().read("/folder", 10).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(root.tree().read("/absent", 10).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace npu::cli::migrate
