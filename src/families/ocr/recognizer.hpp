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
  // Memory for one batch, where the model has more than one frame. Each request has its own: while
  // one waits for the device another may run.
  struct Scratch {
    std::vector<std::byte> input;
    std::vector<std::byte> output;
  };
  explicit Recognizer(PictureModel model) : model_(std::move(model)) {}
  Scratch make_scratch() const;
  Status run_batch(std::span<const TensorView> crops, std::span<const std::span<std::byte>> places,
                   Scratch& scratch, device::RunContext& context);

  PictureModel model_;
};

}  // namespace npu::families
