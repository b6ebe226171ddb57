// The recogniser of one language: any number of crops through a model of a fixed batch.
#pragma once

#include <vector>

#include "families/support/picture_model.hpp"

namespace npu::families {

class Recognizer {
 public:
  static Result<Recognizer> adopt(std::unique_ptr<device::TensorModel> model,
                                  std::string_view language);

  // crops: a list of tensor objects in the request. Gives one tensor for each, in order. The last
  // run is padded with zeros. Stops between runs when the request is cancelled.
  Result<boost::json::value> infer(const boost::json::array& crops, const InferInput& input,
                                   InferOutput& output, device::RunContext& context);

 private:
  explicit Recognizer(PictureModel model);
  Status run_batch(std::span<const TensorView> crops, std::span<const std::span<std::byte>> places,
                   device::RunContext& context);

  PictureModel model_;
  std::vector<std::byte> input_;  // one batch, where the model has more than one frame
  std::vector<std::byte> output_;
};

}  // namespace npu::families
