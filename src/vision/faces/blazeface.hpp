// BlazeFace, for near faces (128 x 128) and for those further away (256 x 256): a grid of 16 x 16
// cells with two anchors in the middle of each, then one of 8 x 8 with six. Everything is in pixels
// of the input, from the anchor; scores are logits.
//
//   centre = (x + b0, y + b1), size = (b2, b3); key point k = (x + b4+2k, y + b5+2k)
//
// Its six key points are both eyes, the tip of the nose, the middle of the mouth and both ears. Of
// the mouth we need the corners: they are assumed where they are in the ArcFace template
// (services/face), 0.414 of the distance of the eyes beside the middle, along the line of the eyes.
// The ears are left out.
//
// After MediaPipe's face_detection_short_range.pbtxt and tensors_to_detections_calculator.cc.
#pragma once

#include "vision/faces/face_head.hpp"

namespace npu::vision::blazeface {

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input);
void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found);
FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source);

}  // namespace npu::vision::blazeface
