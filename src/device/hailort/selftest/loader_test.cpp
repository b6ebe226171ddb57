#include "device/hailort/selftest/loader.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::device::hailort::selftest {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

void put(const fakes::TempDir& dir, const std::string& object, const std::string& name) {
  std::filesystem::create_symlink(object, dir.path(name));
}

TEST(SelftestLoader, Opens_the_newest_that_loads) {
  const fakes::TempDir dir;
  dir.file("hailort-selftest-9.0.0.so", "not a shared object");
  put(dir, NPU_HAILORT_FAKE_DIR "/hailort-selftest-5.2.0.so", "hailort-selftest-5.10.0.so");
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_STREQ((*plugin)->compiled_version, "5.2.0");
  EXPECT_EQ((*plugin)->library_version(), "5.2.0");
  EXPECT_EQ((*plugin)->checks().size(), 14U);
}

TEST(SelftestLoader, One_of_another_build_or_interface_is_refused) {
  for (const std::string made : {"build", "interface"}) {
    const fakes::TempDir dir;
    put(dir, NPU_HAILORT_TEST_PLUGINS "/hailort_other_" + made + ".so",
        "hailort-selftest-5.2.0.so");
    const auto plugin = load_plugin(dir.path(""));
    ASSERT_FALSE(plugin) << made;
    EXPECT_EQ(plugin.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(plugin.error().message,
                AllOf(HasSubstr("built with another version"), HasSubstr("another " + made)));
  }
}

TEST(SelftestLoader, An_adapter_is_none_whatever_its_file_is_called) {
  const fakes::TempDir dir;
  put(dir, NPU_HAILORT_FAKE_DIR "/hailort-5.2.0.so", "hailort-5.2.0.so");
  put(dir, NPU_HAILORT_FAKE_DIR "/hailort-5.2.0.so", "hailort-selftest-5.2.0.so");
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_FALSE(plugin);
  EXPECT_THAT(plugin.error().message,
              AllOf(HasSubstr("hailort-selftest-5.2.0.so: it is none of this program's self-tests"),
                    Not(HasSubstr("/hailort-5.2.0.so"))));
}

TEST(SelftestLoader, Where_it_is_missing_the_error_says_where_and_what_to_do) {
  const fakes::TempDir dir;
  put(dir, NPU_HAILORT_FAKE_DIR "/hailort-5.2.0.so", "hailort-5.2.0.so");
  const auto plugin = load_plugin(dir.path(""));
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(plugin.error().message,
              AllOf(HasSubstr("there is no HailoRT self-test in " + dir.path("")),
                    HasSubstr("install hailo-device-manager again")));
}

}  // namespace
}  // namespace npu::device::hailort::selftest
