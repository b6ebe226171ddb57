// How well a face can be known again by one picture of it.
#pragma once

#include <string>
#include <vector>

#include "media/image.hpp"
#include "services/face/finder.hpp"

namespace npu::face {

struct Quality {
  double score = 0;       // 0..1: the product of the four below, each from 0 (useless) to 1 (good)
  double confidence = 0;  // that it is a face: as it was found
  double size = 0;        // pixels between the eyes: 10 is 0, 40 is 1
  double sharpness = 0;   // variance of the Laplacian of the aligned face: 0 is 0, 100 is 1
  double frontal = 0;     // how far the nose is from between the eyes: half their distance is 0
  std::vector<std::string> advice;  // what would be better, in words
};

// aligned: of this face, cut out, RGB.
Quality quality_of(const Face& face, const media::Image& aligned);

}  // namespace npu::face
