// What a client may choose of the objects in an answer, whatever finds them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/kit/labels.hpp"
#include "services/kit/options.hpp"

namespace npu::kit {

enum class ObjectFormat { kPlain, kCoco };
inline constexpr std::array<std::string_view, 2> kObjectFormatNames{"plain", "coco"};

inline constexpr int kMaxObjects = 300;
inline constexpr Range kShare{.min = 0, .max = 1};

struct ObjectOptions {
  double threshold = 0.4;
  double iou_threshold = 0.45;
  int max_detections = 100;
  bool agnostic = false;
  std::vector<int> classes;  // sorted; empty: all
  ObjectFormat format = ObjectFormat::kPlain;
  std::int64_t image_id = 0;  // for kCoco
};

// The fields threshold, iou_threshold, max_detections, agnostic, classes, format and image_id.
// classes: names, in a JSON array or with commas between them. Fails where a class is none that the
// model knows; what else is wrong the fields tell.
Status read_object_options(Fields& fields, const Labels& labels, ObjectOptions& options);

}  // namespace npu::kit
