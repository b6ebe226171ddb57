// From the device's answer to the people in the picture.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <npu/client_types.hpp>

#include "services/kit/picture_input.hpp"
#include "services/pose/pose_options.hpp"
#include "vision/pose_head.hpp"

namespace npu::pose {

struct KeyPoint {
  kit::Point at;    // in the picture, clipped to it
  float score = 0;  // that it is seen
};

struct Person {
  kit::Box box;  // in the picture, clipped to it
  float score = 0;
  std::array<KeyPoint, vision::kKeyPoints> points;
};

// Best first. head: the only one that may be; nothing: whichever the outputs are. kInternal where
// the outputs are none of these: what find_pose_head() says. Takes time.
Result<std::vector<Person>> find_people(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::PoseHeadKind> head,
                                        const PoseOptions& options);

}  // namespace npu::pose
