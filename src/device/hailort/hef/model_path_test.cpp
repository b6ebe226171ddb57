#include "device/hailort/hef/model_path.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::hailort {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ModelPath, A_path_is_taken_as_it_is_and_made_absolute) {
  EXPECT_EQ(readable_path({"/models/a.hef"}), "/models/a.hef");
  EXPECT_EQ(readable_path({"a.hef"}), (std::filesystem::current_path() / "a.hef").string());
}

TEST(ModelPath, A_descriptor_is_read_whatever_its_name_leads_to) {
  const fakes::TempDir dir;
  const std::string real = dir.file("real.hef", "weights");
  const UniqueFd fd(::open(real.c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(real);
  dir.file("real.hef", "others");  // the same name, another file
  const std::string path = readable_path({real, fd.get()});
  EXPECT_EQ(content(path), "weights");
  EXPECT_EQ(path.find("/proc/self"), std::string::npos);
}

}  // namespace
}  // namespace npu::device::hailort
