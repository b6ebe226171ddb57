#include "cli/model_store.hpp"

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

TEST(ModelStore, A_release_is_newer_by_its_numbers) {
  EXPECT_TRUE(is_newer("5.2.0", "5.1.1"));
  EXPECT_TRUE(is_newer("5.10.0", "5.9.9 (release)"));
  EXPECT_FALSE(is_newer("5.2.0", "5.2.0"));
  EXPECT_FALSE(is_newer("5.2.0", "5.3.0"));
  for (const char* nothing : {"", "5", "5.2", "5.2.", "five", "5-2-0"}) {
    EXPECT_FALSE(is_newer("5.2.0", nothing)) << nothing;
    EXPECT_FALSE(is_newer(nothing, "5.2.0")) << nothing;
  }
}

TEST(ModelStore, Sizes_have_units) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(1000), "1.0 kB");
  EXPECT_EQ(bytes_text(999'949), "999.9 kB");
  EXPECT_EQ(bytes_text(999'960), "1.0 MB");
  EXPECT_EQ(bytes_text(std::uint64_t{1} << 40), "1099.5 GB");
}

}  // namespace
}  // namespace npu::cli
