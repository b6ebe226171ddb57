// Embeddings of pictures and texts, model_type `embed`: CLIP-like encoders and sentence models.
//
//   model_params   pooling    mean (default), cls, last or none: of the rows of the output
//   (pooling.hpp)
//                  normalise  true (default): vectors have length 1
//   one of, as the model takes it:
//   images         [uint8 tensor (H, W, C)]
//   tokens         [[token ids]], of each text; as many as the model has room for count, the rest
//   of
//                  its room is filled with 0 and masked. The client's tokenizer makes them
//   features       [float32 tensor as the model takes it], where the tokens' embeddings are looked
//   up
//                  by the client, as for the CLIP text encoders of Hailo; with `lengths` [numbers]:
//                  how many rows of each count
//   result         float32 tensor (n, dimension), a row for each
//
// The first output counts. A model takes one input at a time, or a batch of 1.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_embed_family();

}  // namespace npu::families
