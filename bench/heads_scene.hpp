// What networks of 640 x 640 say of a scene with a dozen things, each seen by nine neighbouring
// cells: their outputs, for measuring what comes after them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vision/outputs.hpp"

namespace npu::bench {

inline constexpr media::Size kSceneInput{640, 640};

struct SceneTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> data;
};

struct HeadsScene {
  std::string head;  // "dfl", "decoded", "pose"
  std::vector<SceneTensor> tensors;

  std::vector<vision::Output> outputs() const;
};

// The raw heads of YOLOv8 with 80 classes; those of YOLOv8-pose where `pose`.
HeadsScene raw_scene(bool pose);
// (84, 8400), as ONNX files have it.
HeadsScene decoded_scene();

}  // namespace npu::bench
