// What Frigate's detector `zmq` sends and what it gets (frigate/detectors/plugins/zmq_ipc.py of
// Frigate 0.17; 0.16 knows frames only).
//
//   frame            [header, pixels]   -> [20 x 6 float32]
//   model question   [header]           -> [JSON]
//   model bytes      [header, bytes]    -> [JSON]
//
// The header is a JSON object. Numbers are in the machine's byte order, as numpy has them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <npu/result.hpp>

#include "media/image.hpp"
#include "services/detect/finder.hpp"

namespace npu::detect::frigate {

// {"shape": [1, h, w, 3], "dtype": "uint8", "model_type": ...}: RGB
struct Frame {
  media::Size size;
  bool planar = false;  // the shape is [1, 3, h, w]
  std::string_view pixels;
};
// {"model_request": true, "model_name": "yolov8s.hef"}
struct ModelQuestion {
  std::string name;
};
// {"model_data": true, "model_name": ...}
struct ModelBytes {
  std::string name;
};
using Message = std::variant<Frame, ModelQuestion, ModelBytes>;

// parts: of the message, behind the empty one that a REQ socket puts in front; what is returned
// refers to them. kInvalidArgument and kMalformed: in words for the log, with what Frigate's
// configuration must say.
Result<Message> read_message(std::span<const std::string_view> parts);

inline constexpr std::size_t kRows = 20;
inline constexpr std::size_t kColumns = 6;
inline constexpr std::size_t kReplyBytes = kRows * kColumns * sizeof(float);

// class, score, y_min, x_min, y_max, x_max in shares of the frame; the best kRows of them. Rows
// without an object are zero.
std::string rows_of(std::span<const Found> found, media::Size frame);

// Frigate gives the model that it is configured for as a file's name: asked is "yolov8s.onnx" or
// "yolov8s" for ours, "yolov8s".
bool is_model(std::string_view asked, std::string_view ours);

std::string answer_to_question(bool available, bool loaded);
std::string answer_to_bytes();

}  // namespace npu::detect::frigate
