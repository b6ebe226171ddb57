#include "families/segment/segment.hpp"

#include "families/support/picture_family.hpp"
#include "families/support/raw_outputs.hpp"

namespace npu::families {
namespace {

class SegmentModel final : public RawOutputsModel {
 public:
  explicit SegmentModel(PictureModel model) : RawOutputsModel("segment", std::move(model)) {}
};

}  // namespace

std::unique_ptr<Family> make_segment_family() {
  return std::make_unique<PictureFamily<SegmentModel>>("segment model",
                                                       PictureModel::Outputs::kFloatsAndBytes);
}

}  // namespace npu::families
