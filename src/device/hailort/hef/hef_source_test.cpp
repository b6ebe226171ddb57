#include "device/hailort/hef/hef_source.hpp"

#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

constexpr uid_t kNobody = 65534;

// Somebody who may not read what only root may.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (::geteuid() == 0) changed_ = ::seteuid(kNobody) == 0;
  }
  ~WithoutPrivileges() {
    if (changed_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool changed_ = false;
};

class HefSourceTest : public AdapterTest {};

TEST_F(HefSourceTest, A_descriptor_of_a_file_that_may_not_be_opened_is_read) {
  const ModelFile file = hef("plain", std::string(kPlain) + "name: plain\n");
  const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::chmod(file.path.c_str(), 0), 0);
  auto source = [&] {
    const WithoutPrivileges nobody;
    return HefSource::open({file.path, fd.get()});
  }();
  ASSERT_TRUE(source) << source.error().message;
  std::filesystem::remove(file.path);
  const auto hef = source->parse({.code = HAILO_ARCH_HAILO10H});
  ASSERT_TRUE(hef) << hef.error().message;
  auto vdevice = sdk::VDevice::create_shared();
  ASSERT_TRUE(vdevice.has_value());
  const auto model = source->create_model(*vdevice.value(), "");
  ASSERT_TRUE(model.has_value()) << static_cast<int>(model.status());
  EXPECT_EQ(model.value()->get_input_names(), std::vector<std::string>{"plain/in"});
}

TEST_F(HefSourceTest, One_that_has_to_be_opened_by_its_path_is_refused_instead_of_copied) {
  const ModelFile file = hef("plain", kPlain);
  const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  const ModelFile passed{file.path, fd.get()};
  EXPECT_TRUE(HefSource::open(passed, HefSource::Reads::kPathsOnly));
  ASSERT_EQ(::chmod(file.path.c_str(), 0), 0);
  const WithoutPrivileges nobody;
  const auto source = HefSource::open(passed, HefSource::Reads::kPathsOnly);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kPermission);
}

TEST_F(HefSourceTest, A_file_that_may_not_be_read_is_refused) {
  const ModelFile file = hef("plain", kPlain);
  ASSERT_EQ(::chmod(file.path.c_str(), 0), 0);
  const WithoutPrivileges nobody;
  const auto source = HefSource::open(file);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kPermission);
}

TEST_F(HefSourceTest, Messages_name_the_file_without_its_folder) {
  const auto source = HefSource::open(hef("plain", kPlain));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->name(), "plain.hef");
}

}  // namespace
}  // namespace npu::device::hailort
