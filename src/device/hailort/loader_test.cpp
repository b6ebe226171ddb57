#include "device/hailort/loader.hpp"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/open_plugin.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::hailort {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Loader, Opens_the_newest_adapter_that_loads) {
  const fakes::TempDir dir;
  dir.file("hailort-9.0.0.so", "not a shared object");
  dir.file("hailort-9.1.0.so.bak", "");
  std::filesystem::create_symlink(std::string(NPU_HAILORT_FAKE_DIR) + "/hailort-5.2.0.so",
                                  dir.path("hailort-5.10.0.so"));
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_STREQ((*plugin)->compiled_version, "5.2.0");
  EXPECT_EQ((*plugin)->library_version(), "5.2.0");
}

TEST(Loader, Says_what_it_tried_and_what_to_install) {
  const fakes::TempDir dir;
  dir.file("hailort-5.2.0.so", "not a shared object");
  dir.file("hailort-5.3.0.so", "");
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(plugin.error().message, AllOf(HasSubstr("hailort-5.2.0.so: "),
                                            HasSubstr("hailort-5.3.0.so: "), HasSubstr("install")));
}

TEST(Loader, A_shared_object_that_is_no_adapter_is_not_one) {
  const fakes::TempDir dir;
  std::filesystem::create_symlink(std::string(NPU_HAILORT_FAKE_DIR) + "/libhailort.so.5.2.0",
                                  dir.path("hailort-5.2.0.so"));
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_FALSE(plugin);
  EXPECT_THAT(plugin.error().message, HasSubstr("it is none of this program's adapters"));
}

TEST(Loader, Without_adapters_it_says_where_they_were_looked_for_and_what_to_do) {
  const auto plugin = load_plugin("/nowhere/adapters");
  ASSERT_FALSE(plugin);
  EXPECT_THAT(plugin.error().message,
              AllOf(HasSubstr("/nowhere/adapters"), HasSubstr("install hailo-device-manager")));
}

TEST(Loader, An_adapter_of_another_build_or_interface_is_refused) {
  for (const std::string made : {"build", "interface"}) {
    const fakes::TempDir dir;
    std::filesystem::create_symlink(NPU_HAILORT_TEST_PLUGINS "/hailort_other_" + made + ".so",
                                    dir.path("hailort-5.2.0.so"));
    const auto plugin = load_plugin(dir.path(""));
    ASSERT_FALSE(plugin) << made;
    EXPECT_EQ(plugin.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(plugin.error().message,
                AllOf(HasSubstr("built with another version"), HasSubstr("another " + made)));
  }
}

TEST(Loader, The_self_test_is_not_tried_as_an_adapter) {
  const fakes::TempDir dir;
  std::filesystem::create_symlink(NPU_HAILORT_FAKE_DIR "/hailort-selftest-5.2.0.so",
                                  dir.path("hailort-selftest-5.2.0.so"));
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_FALSE(plugin);
  EXPECT_THAT(plugin.error().message, HasSubstr("there is no HailoRT adapter in"));
}

TEST(Loader, The_library_writes_no_log_file_unless_the_user_wants_one) {
  ::unsetenv("HAILORT_LOGGER_PATH");
  (void)load_plugin("/nowhere/a");
  EXPECT_STREQ(std::getenv("HAILORT_LOGGER_PATH"), "NONE");
  ::setenv("HAILORT_LOGGER_PATH", "/var/log/mine", 1);
  (void)load_plugin("/nowhere/b");
  EXPECT_STREQ(std::getenv("HAILORT_LOGGER_PATH"), "/var/log/mine");
  ::unsetenv("HAILORT_LOGGER_PATH");
}

TEST(Loader, Looks_beside_the_program_and_where_adapters_are_installed) {
  const auto folders = plugin_folders("");
  ASSERT_EQ(folders.size(), 2U);
  EXPECT_EQ(folders[0], std::filesystem::read_symlink("/proc/self/exe").parent_path());
  EXPECT_TRUE(folders[1].ends_with("/hailo")) << folders[1];
}

}  // namespace
}  // namespace npu::device::hailort
