// What memory of its callers a model keeps mapped.
#include "device/hailort/vision/tensor_model.hpp"

#include <gtest/gtest.h>

#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

class KeptMemory : public AdapterTest {
 protected:
  static constexpr std::size_t kPicture = 8 * 8 * 3;

  void SetUp() override {
    chip_ = Chip::open({}).value();
    HailortModel::Parts parts{.chip = chip_,
                              .realtime = std::make_shared<RateCap>(0, chip_->clock()),
                              .source = HefSource::open(hef("plain", kPlain)).value(),
                              .connection = chip_->vision_connection().value()};
    connection_ = parts.connection;
    ASSERT_TRUE(parts.source.parse(chip_->identity()));
    parts.model = parts.source.create_model(connection_->vdevice(), "").release();
    parts.ports = choose_ports(*parts.model, {}).value();
    parts.network = Network::configure(*parts.model, parts.ports, connection_).value();
    model_ = std::make_unique<HailortModel>(std::move(parts));
    memory_ = PageBuffer::create(4 * kPage).value();
  }
  // Runs with a picture that begins this page.
  void run(std::size_t page) {
    Tensors tensors(*model_);
    auto inputs = tensors.inputs();
    inputs[0].data = picture(page);
    ASSERT_TRUE(model_->run(inputs, tensors.outputs(), context_));
  }
  std::span<std::byte> picture(std::size_t page) const {
    return memory_.bytes().subspan(page * kPage, kPicture);
  }
  std::span<std::byte> pages(std::size_t first, std::size_t count) const {
    return memory_.bytes().subspan(first * kPage, count * kPage);
  }
  // Asks the library, which refuses a second mapping of the same.
  bool is_mapped(std::size_t page) {
    constexpr auto kToChip = HAILO_DMA_BUFFER_DIRECTION_H2D;
    auto& vdevice = connection_->vdevice();
    const auto status = vdevice.dma_map(picture(page).data(), kPicture, kToChip);
    if (status == HAILO_SUCCESS) vdevice.dma_unmap(picture(page).data(), kPicture, kToChip);
    return status == HAILO_DMA_MAPPING_ALREADY_EXISTS;
  }

  static constexpr std::size_t kPage = 4096;
  std::shared_ptr<Chip> chip_;
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<HailortModel> model_;
  PageBuffer memory_;
};

TEST_F(KeptMemory, Memory_that_nobody_keeps_is_not_mapped_even_where_it_begins_a_page) {
  chip_->keep_memory(pages(2, 1));
  run(0);
  run(1);
  run(3);
  for (const std::size_t page : {0, 1, 3}) EXPECT_FALSE(is_mapped(page)) << page;
}

TEST_F(KeptMemory, Kept_memory_is_mapped_until_it_is_forgotten) {
  chip_->keep_memory(pages(0, 2));
  run(1);
  run(1);
  EXPECT_TRUE(is_mapped(1));
  EXPECT_FALSE(is_mapped(0));
  chip_->forget_memory(pages(0, 2));
  EXPECT_FALSE(is_mapped(1));
  run(1);
  EXPECT_FALSE(is_mapped(1));
}

TEST_F(KeptMemory, A_picture_that_is_only_partly_kept_is_not_mapped) {
  chip_->keep_memory(picture(0).first(kPicture - 1));
  run(0);
  EXPECT_FALSE(is_mapped(0));
}

}  // namespace
}  // namespace npu::device::hailort
