// A simulated chip that takes no time and sees a dozen things, each in nine neighbouring cells, in
// every picture that is at least 4 : 3: raw heads of YOLOv8, 640 x 640, as the published files have
// them. For measuring what comes before and after the network.
#pragma once

#include <cstddef>
#include <string>

namespace npu::bench {

inline constexpr std::size_t kPictureThings = 12;

// A profile with the models "detector" (80 classes), "pose" and "segmenter" (80 classes; each mask
// is the whole of its box).
std::string picture_profile();

}  // namespace npu::bench
