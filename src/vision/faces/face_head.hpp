// How the outputs of a network that finds faces are laid out, and from there to faces with five
// points.
//
//   scrfd      at each stride (h, w, 2), (h, w, 8) and (h, w, 20), as on the chip, or
//              (2 h w, 1), (2 h w, 4) and (2 h w, 10), as ONNX files have it: scores, boxes, points
//   yunet      at each stride twice (h w, 1), then (h w, 4) and (h w, 10); or (h, w, values)
//   blazeface  (512, 1), (384, 1), (512, 16) and (384, 16), or (896, 1) and (896, 16): scores;
//   boxes
//              with six key points
//
// Outputs are told apart by their shapes, never by their names. The formulas are in scrfd.hpp,
// yunet.hpp and blazeface.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <npu/result.hpp>

#include "vision/candidates.hpp"
#include "vision/outputs.hpp"

namespace npu::vision {

// In pixels of the input, not clipped to it.
struct FacePoint {
  float x = 0;
  float y = 0;
  bool operator==(const FacePoint&) const = default;
};

// Left eye, right eye, nose, left and right corner of the mouth. Left is left in the picture, for a
// face that is upright.
inline constexpr std::size_t kFacePoints = 5;
using FacePoints = std::array<FacePoint, kFacePoints>;

enum class FaceHeadKind { kScrfd, kYunet, kBlazeface };
inline constexpr std::array<std::string_view, 3> kFaceHeadNames{"scrfd", "yunet", "blazeface"};
// The kind of this name; nothing where no head of faces is called so.
std::optional<FaceHeadKind> face_head_named(std::string_view name);

// The outputs of one level, by their indices.
struct FaceLevel {
  int scores = -1;
  int objectness = -1;  // of yunet: which of the two is which does not matter
  int boxes = -1;       // of blazeface with the key points
  int points = -1;
};

struct FaceHead {
  FaceHeadKind kind = FaceHeadKind::kScrfd;
  // Of kStrides; of blazeface the first two, or one for all.
  std::array<FaceLevel, 3> levels{};
};

// The head whose outputs these are, for which no data is needed; told: the only one that may be.
// input: of the network. Fails with kUnsupported: the message says what there is and what would do.
Result<FaceHead> find_face_head(std::span<const Output> outputs, media::Size input,
                                std::optional<FaceHeadKind> told = {});

// Adds the faces that score at least `threshold`, with the label 0. head: of outputs with these
// shapes.
void decode_faces(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                  float threshold, Candidates& found);

// Of one of them, by Detection::source. A point that is not finite is (0, 0).
FacePoints face_points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                          std::uint32_t source);

}  // namespace npu::vision
