#include "families/detect/detect.hpp"

#include "families/support/picture_family.hpp"
#include "families/support/raw_outputs.hpp"

namespace npu::families {
namespace {

class DetectModel final : public RawOutputsModel {
 public:
  explicit DetectModel(PictureModel model) : RawOutputsModel("detect", std::move(model)) {}
};

}  // namespace

std::unique_ptr<Family> make_detect_family() {
  return std::make_unique<PictureFamily<DetectModel>>("detect model");
}

}  // namespace npu::families
