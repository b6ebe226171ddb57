// Reading text, model_type `ocr`: a detector and a recogniser for each language.
//
//   model_params   detection_hef_path; recognition_hefs {language: path}, batch_sizes {language:
//   n};
//                  classification_path: where there is one, of a classifier of crops
//   mode           "detection", "recognition" or "classification"
//   detection      image: uint8 (H, W, C). Result: float32 tensor, the heat map without batch
//   recognition    language (en), crops [uint8 (H, W, C)], batch_size, best (false).
//                  Result: a list of float32 tensors without batch, one for each crop, in order;
//                  with `best` each is (steps, 2): the likeliest class and its score
//   classification crops [uint8 (H, W, C)]. Result: a list of float32 tensors
//   load reply     model_info.detection_input_shape [H, W, C]; detection {step, max_side} where
//   sides
//                  are free; recognition {language: ...} and classification as Recognizer::info()
//
// Crops of one request may have different widths where a recogniser's is free.
// How many crops run at once is the model's own batch, which batch_sizes asked for at loading;
// batch_size of a request is checked and otherwise has no effect on the result.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_ocr_family();

}  // namespace npu::families
