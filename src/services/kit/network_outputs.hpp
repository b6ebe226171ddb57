// What the device answers, as the heads of src/vision read it, and the way back into the picture.
//
//   const auto outputs = kit::NetworkOutputs::of(result);
//   if (!outputs) return fail(outputs.error());
//   const auto head = vision::find_head(outputs->all(), placed.input);
//   vision::Candidates candidates(vision::kMaxCandidates, {.region = kit::region_of(placed)});
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>

#include "services/kit/picture_input.hpp"
#include "vision/detection.hpp"
#include "vision/outputs.hpp"

namespace npu::kit {

// The float32 tensors of a result: of one, or of an object of them in its order.
class NetworkOutputs {
 public:
  // kAllowed: one of them may be of uint8.
  enum class Bytes { kNone, kAllowed };
  // kInternal where one is no tensor, or none of float32.
  static Result<NetworkOutputs> of(const InferResult& result, Bytes bytes = Bytes::kNone);

  // Valid as long as this.
  std::span<const vision::Output> all() const { return outputs_; }
  // The one of uint8, which is not in all().
  std::optional<std::span<const std::uint8_t>> bytes() const { return bytes_; }

 private:
  // names: as many, "" of an only one.
  NetworkOutputs(std::vector<ClientTensor> tensors, std::vector<std::string> names);

  std::vector<ClientTensor> tensors_;
  std::vector<std::string> names_;
  std::vector<vision::Output> outputs_;  // views of them
  std::optional<std::span<const std::uint8_t>> bytes_;
};

// What the outputs of a model will be, without data: shapes and names are views of the model.
struct ExpectedOutputs {
  std::vector<vision::Output> outputs;
  bool bytes = false;  // one of uint8 comes beside them
  media::Size input;
};
// Nothing where the manager has not told.
std::optional<ExpectedOutputs> expected_outputs(const LoadedModel& model);

// Where the picture lies in the network's input.
vision::Box region_of(const Placement& placed);

// Of the input in the picture, clipped to it.
inline Box in_picture(const Placement& placed, const vision::Box& box) {
  return placed.to_picture(Box{{box.left, box.top}, {box.right, box.bottom}});
}

}  // namespace npu::kit
