// Common exports, known by what their files say.
//
//   Ultralytics YOLO (v5, v8, v11, ...; detect, pose, segment; with and without suppression): by
//       the metadata `stride`, `names`, `task`, `imgsz`, `args`. RGB in 0..1, letterboxed, 114.
//   The same whose metadata got lost: by the shape of the output, 4 + n rows of all cells.
//   YOLOX: by the shape and the name of the output. BGR in 0..255, in the upper left corner, 114.
//   TensorFlow's detectors (SSD, ...): by the names of the four outputs. RGB bytes, stretched.
//   Networks of faces: recognise_faces.hpp.
//
// Formats: ultralytics' exporter.py, yolov5's export.py, YOLOX's tools/export_onnx.py and
// data_augment.py, TensorFlow's exporter_lib_v2.py.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "description/description.hpp"
#include "onnx/onnx_file.hpp"

namespace npu::onnx {

struct Recognised {
  std::string as;  // "an export of Ultralytics for detect"; "": as nothing that is known
  ModelDescription description;
};

Recognised recognise(const OnnxFile& file);

// The side of an input whose graph and description leave it open.
inline constexpr int kUsualSide = 640;

// The strings of a Python dict {0: 'a', 1: "b"} or list in the order of their numbers; a number
// that is left out is "class N". Empty where the text is neither, or has more than kMaxLabels.
std::vector<std::string> labels_in_python(std::string_view text);

}  // namespace npu::onnx
