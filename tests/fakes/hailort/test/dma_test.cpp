// Memory of frames: mapped, to be mapped, to be copied.
#include <sys/mman.h>
#include <unistd.h>

#include "fakes/hailort/fake_control.hpp"
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

constexpr auto kToChip = HAILO_DMA_BUFFER_DIRECTION_H2D;
constexpr auto kFromChip = HAILO_DMA_BUFFER_DIRECTION_D2H;
constexpr std::size_t kPage = 4096;

void* anonymous_at(void* place) {
  return ::mmap(place, kPage, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | (place != nullptr ? MAP_FIXED : 0), -1, 0);
}

class Page {
 public:
  Page() : memory_(anonymous_at(nullptr)) {}
  ~Page() { ::munmap(memory_, kPage); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  std::uint8_t* data() const { return static_cast<std::uint8_t*>(memory_); }

 private:
  void* memory_;
};

// What counters have grown by.
class Grown {
 public:
  HailoFakeTransfers operator()() const {
    const auto now = hailo_fake_transfers();
    return {.mapped = now.mapped - before_.mapped,
            .unmapped = now.unmapped - before_.unmapped,
            .bounced = now.bounced - before_.bounced,
            .live_mappings = now.live_mappings - before_.live_mappings,
            .mappings = now.mappings - before_.mappings};
  }

 private:
  HailoFakeTransfers before_ = hailo_fake_transfers();
};

class FakeDma : public FakeBench {
 protected:
  const std::shared_ptr<hailort::VDevice> mine_ = vdevice();
};

TEST_F(FakeDma, A_mapping_is_made_once) {
  const Grown grown;
  const Page page;
  EXPECT_EQ(mine_->dma_map(page.data(), kPage, kToChip), HAILO_SUCCESS);
  EXPECT_EQ(mine_->dma_map(page.data(), kPage, kToChip), HAILO_DMA_MAPPING_ALREADY_EXISTS);
  EXPECT_EQ(mine_->dma_map(page.data(), kPage, kFromChip), HAILO_SUCCESS);
  EXPECT_EQ(grown().live_mappings, 2U);
  EXPECT_EQ(mine_->dma_unmap(page.data(), kPage, kToChip), HAILO_SUCCESS);
  EXPECT_EQ(mine_->dma_unmap(page.data(), kPage, kToChip), HAILO_NOT_FOUND);
  EXPECT_EQ(grown().live_mappings, 1U);
  EXPECT_EQ(grown().mappings, 2U);
}

TEST_F(FakeDma, What_is_mapped_ends_with_its_VDevice) {
  const Grown grown;
  const Page page;
  auto other = vdevice();
  EXPECT_EQ(other->dma_map(page.data(), kPage, kToChip), HAILO_SUCCESS);
  other.reset();
  EXPECT_EQ(grown().live_mappings, 0U);
}

TEST_F(FakeDma, Memory_that_is_not_there_is_not_mapped) {
  std::uint8_t* gone = nullptr;
  {
    const Page page;
    gone = page.data();
  }
  EXPECT_EQ(mine_->dma_map(gone, kPage, kToChip), HAILO_INVALID_OPERATION);
}

TEST_F(FakeDma, Frames_are_counted_by_how_they_travel) {
  auto ready = configured(*mine_, model("camera"));
  const Page in;
  const Page out;
  Shot shot(ready);
  const auto bind = [&](std::uint8_t* input, std::uint8_t* output) {
    shot.bindings.input()->set_buffer(hailort::MemoryView(input, 48));
    shot.bindings.output()->set_buffer(hailort::MemoryView(output, 20));
    const Grown grown;
    EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_SUCCESS);
    return grown();
  };
  EXPECT_EQ(bind(in.data() + 8, out.data() + 8).bounced, 68U);
  EXPECT_EQ(bind(in.data(), out.data()).unmapped, 68U);
  // A mapping of more than the frame is none of the frame.
  ASSERT_EQ(mine_->dma_map(in.data(), kPage, kToChip), HAILO_SUCCESS);
  ASSERT_EQ(mine_->dma_map(out.data(), kPage, kFromChip), HAILO_SUCCESS);
  EXPECT_EQ(bind(in.data(), out.data()).unmapped, 68U);
  ASSERT_EQ(mine_->dma_map(in.data(), 48, kToChip), HAILO_SUCCESS);
  ASSERT_EQ(mine_->dma_map(out.data(), 20, kFromChip), HAILO_SUCCESS);
  EXPECT_EQ(bind(in.data(), out.data()).mapped, 68U);
  // The other way round they are worth nothing.
  EXPECT_EQ(bind(out.data(), in.data()).unmapped, 68U);
}

using FakeDmaDeathTest = FakeDma;

TEST_F(FakeDmaDeathTest, Other_memory_in_a_mapped_place) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto ready = configured(*mine_, model("camera"));
        Shot shot(ready);
        const int fd = ::memfd_create("frames", MFD_CLOEXEC);
        (void)::ftruncate(fd, kPage);
        void* memory = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        mine_->dma_map(memory, 48, kToChip);
        anonymous_at(memory);
        shot.bindings.input()->set_buffer(hailort::MemoryView(memory, 48));
        (void)ready.run(shot.bindings, 60s);
      },
      "not there any more");
}

}  // namespace
}  // namespace npu::fakes
