// From the picture that a family hands over, uint8 (H, W, C) in RGB, to the tensor that a graph
// takes: its order of dimensions and of channels, its type, (x - mean) / std.
//
// A value has 256 levels, so each channel's results are computed once, in double precision, and
// looked up: what comes out is the nearest number of the graph's type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "description/description.hpp"

namespace npu::onnx {

class PictureInput {
 public:
  // graph: the input as the file has it; a free batch is 1, free sides are those of `known`.
  // kUnsupported says in words what of the model is not known and how to say it, or what cannot be
  // made of a picture. name: of the file, for messages.
  static Result<PictureInput> create(const TensorSpec& graph, const InputDescription& known,
                                     std::string_view name);

  // What clients hand over; without a batch where the graph has none.
  const TensorSpec& picture() const { return picture_; }
  const TensorSpec& graph() const { return graph_; }
  // The graph takes the picture as it is.
  bool as_it_is() const { return levels_.empty(); }
  // picture and tensor: of these specs' sizes.
  void convert(std::span<const std::byte> picture, std::span<std::byte> tensor) const;

  // What the graph leaves open; of sides, only where the description says which may be chosen.
  struct Free {
    bool batch = false;
    bool height = false;
    bool width = false;
  };
  const Free& free() const { return free_; }
  // The graph's input for so many pictures of this size.
  TensorSpec graph_of(std::int64_t count, std::int64_t height, std::int64_t width) const;
  // Pictures of one size, one behind the other; tensor: of the size of their graph_of().
  void convert_all(std::span<const std::byte> pictures, std::int64_t count,
                   std::span<std::byte> tensor) const;

 private:
  PictureInput() = default;
  template <class Element>
  void convert_to(const std::uint8_t* from, Element* to, std::size_t pixels) const;
  void convert_one(const std::byte* picture, std::byte* tensor, std::size_t pixels) const;

  TensorSpec picture_;
  TensorSpec graph_;
  std::size_t channels_ = 0;
  std::size_t pixels_ = 0;
  bool planar_ = false;
  bool channels_first_ = false;
  Free free_;
  bool reversed_ = false;          // the last channel comes first
  std::vector<std::byte> levels_;  // 256 of the graph's type for each of its channels
};

}  // namespace npu::onnx
