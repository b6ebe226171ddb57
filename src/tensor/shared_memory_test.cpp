#include "tensor/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace npu {
namespace {

constexpr std::size_t kMax = 1 << 20;

UniqueFd memfd(std::size_t bytes, int seals) {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(bytes)), 0);
  if (seals != 0) {
    EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  }
  return fd;
}

TEST(SharedMemory, What_one_side_writes_the_other_reads) {
  auto mine = SharedMemory::create(100);
  ASSERT_TRUE(mine);
  auto theirs = SharedMemory::adopt(UniqueFd(::dup(mine->fd())), 100, kMax);
  ASSERT_TRUE(theirs) << theirs.error().message;
  mine->bytes()[99] = std::byte{42};
  EXPECT_EQ(theirs->bytes()[99], std::byte{42});
}

TEST(SharedMemory, A_region_cannot_be_resized_by_its_maker) {
  auto region = SharedMemory::create(4096);
  ASSERT_TRUE(region);
  EXPECT_NE(::ftruncate(region->fd(), 0), 0);
  EXPECT_NE(::ftruncate(region->fd(), 8192), 0);
}

TEST(SharedMemory, A_region_that_could_shrink_under_us_is_refused) {
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, 0), 4096, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, F_SEAL_GROW), 4096, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, F_SEAL_SHRINK), 4096, kMax));
  EXPECT_TRUE(SharedMemory::adopt(memfd(4096, F_SEAL_SHRINK | F_SEAL_GROW), 4096, kMax));
}

TEST(SharedMemory, Whoever_maps_a_region_later_can_write_to_it_too) {
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, seals | F_SEAL_FUTURE_WRITE), 4096, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, seals | F_SEAL_WRITE), 4096, kMax));
  UniqueFd theirs = memfd(4096, seals);
  auto region = SharedMemory::adopt(UniqueFd(::dup(theirs.get())), 4096, kMax);
  ASSERT_TRUE(region);
  EXPECT_NE(::fcntl(theirs.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
  EXPECT_TRUE(SharedMemory::adopt(UniqueFd(::dup(theirs.get())), 4096, kMax)) << "a second time";
}

TEST(SharedMemory, Huge_pages_are_refused_since_there_may_be_none_for_who_maps_them_later) {
  constexpr std::size_t kHuge = 2 << 20;
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB));
  if (!fd || ::ftruncate(fd.get(), kHuge) != 0) GTEST_SKIP() << "this kernel has no huge pages";
  ASSERT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  const auto region = SharedMemory::adopt(std::move(fd), kHuge, kHuge);
  ASSERT_FALSE(region);
  EXPECT_NE(region.error().message.find("MFD_HUGETLB"), std::string::npos);
}

TEST(SharedMemory, Memory_that_is_backed_is_taken_at_once) {
  auto region = SharedMemory::create(1 << 20).value();
  ASSERT_TRUE(region.back(100'000));
  struct stat info{};
  ASSERT_EQ(::fstat(region.fd(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 100'000);
  EXPECT_LT(info.st_blocks * 512, 200'000);
}

TEST(SharedMemory, A_wrong_size_is_refused) {
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, seals), 8192, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(4096, seals), 100, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(0, seals), 0, kMax));
  EXPECT_FALSE(SharedMemory::adopt(memfd(2 * kMax, seals), 2 * kMax, kMax));
  EXPECT_FALSE(SharedMemory::create(0));
}

TEST(SharedMemory, What_is_no_memfd_or_not_writable_is_refused) {
  EXPECT_FALSE(SharedMemory::adopt(UniqueFd(::open("/dev/zero", O_RDWR)), 4096, kMax));
  auto region = SharedMemory::create(4096);
  const std::string link = "/proc/self/fd/" + std::to_string(region->fd());
  EXPECT_FALSE(SharedMemory::adopt(UniqueFd(::open(link.c_str(), O_RDONLY)), 4096, kMax));
}

TEST(SharedMemory, Moving_leaves_one_owner) {
  auto first = SharedMemory::create(10).value();
  SharedMemory second = std::move(first);
  EXPECT_EQ(first.size(), 0U);
  second.bytes()[0] = std::byte{1};
  first = std::move(second);
  EXPECT_EQ(first.bytes()[0], std::byte{1});
}

}  // namespace
}  // namespace npu
