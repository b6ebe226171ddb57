// YuNet: one anchor in each cell, at its upper left corner. Centre and points are in strides, the
// size is its logarithm; the score is the geometric mean of class and objectness, each 0..1.
//
//   centre = (x + b0 s, y + b1 s), size = (exp(b2) s, exp(b3) s)
//   point k = (x + p2k s, y + p2k+1 s)
//
// After OpenCV's FaceDetectorYN (face_detect.cpp).
#pragma once

#include "vision/faces/face_head.hpp"

namespace npu::vision::yunet {

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input);
void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found);
FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source);

}  // namespace npu::vision::yunet
