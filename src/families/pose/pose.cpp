#include "families/pose/pose.hpp"

#include "families/support/picture_family.hpp"
#include "families/support/raw_outputs.hpp"

namespace npu::families {
namespace {

class PoseModel final : public RawOutputsModel {
 public:
  explicit PoseModel(PictureModel model) : RawOutputsModel("pose", std::move(model)) {}
};

}  // namespace

std::unique_ptr<Family> make_pose_family() {
  return std::make_unique<PictureFamily<PoseModel>>("pose model");
}

}  // namespace npu::families
