#include "families/face/face.hpp"

#include "families/support/picture_family.hpp"
#include "families/support/raw_outputs.hpp"

namespace npu::families {
namespace {

class FaceModel final : public RawOutputsModel {
 public:
  explicit FaceModel(PictureModel model) : RawOutputsModel("face", std::move(model)) {}
};

}  // namespace

std::unique_ptr<Family> make_face_family() {
  return std::make_unique<PictureFamily<FaceModel>>("face model");
}

}  // namespace npu::families
