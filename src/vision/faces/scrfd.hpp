// SCRFD: two anchors in each cell, at its upper left corner. Distances of the edges and of the
// points are in strides; scores are probabilities, or logits where any is beyond -0.1..1.1.
//
//   left = x - d0 s, top = y - d1 s, right = x + d2 s, bottom = y + d3 s
//   point k = (x + l2k s, y + l2k+1 s)
//
// After InsightFace's scrfd.py (distance2bbox, distance2kps) and hailo-apps' scrfd.cpp.
#pragma once

#include "vision/faces/face_head.hpp"

namespace npu::vision::scrfd {

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input);
void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found);
FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source);

}  // namespace npu::vision::scrfd
