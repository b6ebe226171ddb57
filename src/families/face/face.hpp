// Faces, model_type `face`: a picture in, the model's outputs out (support/raw_outputs.hpp). Both
// networks are of it: the one that finds faces, and the one that gives the embedding of an aligned
// one.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_face_family();

}  // namespace npu::families
