#include "manager/lanes/low_descriptors.hpp"

#include <fcntl.h>

#include <gtest/gtest.h>

#include "base/unix_socket.hpp"

namespace npu::manager {
namespace {

UniqueFd any_descriptor() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(LowDescriptors, What_is_opened_after_they_are_taken_lies_beyond) {
  LowDescriptors low;
  low.fill();
  EXPECT_GE(any_descriptor().get(), LowDescriptors::kEnd);
  low.free_some(2);
  const auto pair = unix_pair().value();
  EXPECT_LT(pair.first.get(), LowDescriptors::kEnd);
  EXPECT_LT(pair.second.get(), LowDescriptors::kEnd);
  EXPECT_GE(any_descriptor().get(), LowDescriptors::kEnd);
}

TEST(LowDescriptors, What_is_moved_up_leaves_its_number_to_be_taken_again) {
  LowDescriptors low;
  low.fill();
  low.free_some(1);
  const UniqueFd moved = moved_up(any_descriptor());
  EXPECT_GE(moved.get(), LowDescriptors::kEnd);
  low.fill();
  EXPECT_GE(any_descriptor().get(), LowDescriptors::kEnd);
}

}  // namespace
}  // namespace npu::manager
