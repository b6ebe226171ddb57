#include "base/descriptors.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"

namespace npu {
namespace {

TEST(Descriptors, What_is_opened_is_no_longer_left) {
  const std::size_t before = descriptors_left();
  const UniqueFd one(::dup(0));
  const UniqueFd other(::dup(0));
  EXPECT_EQ(descriptors_left(), before - 2);
}

TEST(Descriptors, The_soft_limit_becomes_the_hard_one) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = before.rlim_max / 2;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(descriptor_limit(), low.rlim_cur);
  raise_descriptor_limit();
  EXPECT_EQ(descriptor_limit(), before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace npu
