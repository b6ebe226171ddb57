// What is known of a model beside the shapes of its tensors.
//
// It comes from the catalogue, from a model.yaml beside the file, or was recognised in the file
// itself; all three have the same keys (docs/reference/catalogue.md). What is absent was not said.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/tensor.hpp>

namespace npu {

enum class PixelLayout { kNhwc, kNchw };
enum class PixelColour { kRgb, kBgr, kGrey };
enum class PictureFit {
  kLetterbox,  // as large as fits, in the middle of the input
  kCorner,     // as large as fits, in its upper left corner
  kStretch,    // all of the input, whatever the shape
};

// In the order of the enumerators.
inline constexpr std::array<std::string_view, 2> kPixelLayoutNames{"nhwc", "nchw"};
inline constexpr std::array<std::string_view, 3> kPixelColourNames{"rgb", "bgr", "grey"};
inline constexpr std::array<std::string_view, 3> kPictureFitNames{"letterbox", "corner", "stretch"};

inline constexpr int kMaxPictureSide = 16384;  // pixels
inline constexpr int kMaxPictureChannels = 4;
inline constexpr int kUsualPadding = 114;

// From an 8-bit RGB picture to the tensor that a graph takes: it is fitted into width x height,
// then each value becomes (x - mean) / std, x in 0..255.
struct InputDescription {
  using Channels = std::array<double, kMaxPictureChannels>;

  std::optional<PixelLayout> layout;
  std::optional<DType> dtype;
  std::optional<PixelColour> colour;
  std::optional<PictureFit> fit;
  std::optional<int> padding;  // value beside a picture that does not fill the input, 0..255
  std::optional<int> width;    // pixels
  std::optional<int> height;
  // Sides that a graph leaves free may be any multiple of `step`, up to `max_side` pixels; width
  // and height are then what pictures have where nobody chooses.
  std::optional<int> step;
  std::optional<int> max_side;
  std::optional<int> channels;
  std::optional<Channels> mean;  // in the order of the graph's channels
  std::optional<Channels> std;   // each above 0

  // What is not said here is as `other` has it.
  void complete_from(const InputDescription& other);
};

inline constexpr std::size_t kMaxLabels = 20'000;  // Chinese dictionaries have 18,000
inline constexpr std::size_t kMaxLabelBytes = 255;

struct ModelDescription {
  std::string family;               // "detect"; "": not said, as of the others
  std::string head;                 // which post-processing the outputs want
  std::string label_set;            // "coco80"; else
  std::vector<std::string> labels;  // the classes' names in their order
  InputDescription input;

  void complete_from(const ModelDescription& other);
};

}  // namespace npu
