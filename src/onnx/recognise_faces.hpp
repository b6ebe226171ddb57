// Common networks of faces, known by the shapes of their outputs.
//
//   SCRFD: scores, boxes and points of two anchors a cell. RGB, (x - 127.5) / 128, letterboxed, 0.
//   YuNet: class, objectness, boxes and points of each cell. BGR in 0..255, letterboxed, 0.
//   BlazeFace: 512 and 384 anchors of 16 values. RGB, (x - 127.5) / 127.5, letterboxed, 0.
//   ArcFace: 112 x 112 to 512 numbers. RGB, (x - 127.5) / 127.5. SFace: 112 x 112 to 128 numbers
//       with its own names of input and output. RGB in 0..255.
//
// Sources: insightface's scrfd.py and arcface_onnx.py, OpenCV's face_detect.cpp and
// face_recognize.cpp, MediaPipe's face_detection_short_range.pbtxt.
#pragma once

#include "onnx/recognise.hpp"

namespace npu::onnx {

// The only input of a graph, where it is a picture of one or three channels.
struct GraphPicture {
  PixelLayout layout = PixelLayout::kNchw;
  int width = 0;  // 0: free
  int height = 0;
  int channels = 3;
};

inline InputDescription::Channels every_channel(double value) {
  InputDescription::Channels channels{};
  channels.fill(value);
  return channels;
}

// Recognised::as is "" where it is none of these.
Recognised recognise_faces(const OnnxFile& file, const GraphPicture& picture);

}  // namespace npu::onnx
