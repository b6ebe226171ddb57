// The routes of DeepStack's face API:
//
//   POST /v1/vision/face             faces
//   POST /v1/vision/face/recognize   faces and whose they are
//   POST /v1/vision/face/register    pictures of one person: image, image1, image2, ...; userid
//   POST /v1/vision/face/list, .../delete
//   POST /v1/vision/face/match       how alike image1 and image2 are
//
// DeepStack says from 0.67 on that two faces are one person; its numbers are made of ours so that
// this is where our threshold is: as_confidence().
#pragma once

#include "http/router.hpp"

namespace npu::face {

class FaceService;

// The service must outlive the router.
void add_deepstack_routes(FaceService& service, http::Router& router);

inline constexpr double kDeepStackThreshold = 0.67;

// 0..1, rising with the cosine; kDeepStackThreshold at the threshold.
double as_confidence(double cosine, double threshold);
// Its inverse.
double as_cosine(double confidence, double threshold);

}  // namespace npu::face
