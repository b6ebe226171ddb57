// The people in a picture, as clients want them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "media/image.hpp"
#include "services/pose/finder.hpp"

namespace npu::pose {

// Of COCO, in its order.
extern const std::array<std::string_view, vision::kKeyPoints> kKeyPointNames;
// The bones between them, by their indices.
using Bone = std::pair<int, int>;
extern const std::array<Bone, 19> kSkeleton;

struct Answer {
  std::span<const Person> people;
  media::Size picture;
  std::int64_t inference_time_ms = 0;
  double keypoint_threshold = 0;
  bool skeleton = true;
};

// {"poses", "count", "inference_time_ms", "image_size"}, as the Python project has it: boxes and
// key points in whole pixels that lie in the picture; all key points, and the bones whose ends both
// reach the threshold.
std::string detect_text(const Answer& answer);

// [{"person_id", "keypoints": [{"name", "x", "y"}]}]: pixels to a hundredth, of the key points
// that reach the threshold.
std::string plain_text(const Answer& answer);

// Each person in a colour: a box with "person 92%", and of the key points that reach the threshold
// dots and the bones between them; the best on top.
void draw_on(media::Image& picture, std::span<const Person> people, double keypoint_threshold);

}  // namespace npu::pose
