// A network that looks at crops of a picture: the recogniser of a language, or the classifier of
// what is upside down. Any number of crops goes through it in batches.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "families/support/picture_model.hpp"

namespace npu::families {

class Recognizer {
 public:
  // what: names it in messages, "recognition model for en". batch: crops of one run, where the file
  // leaves them open.
  static Result<Recognizer> load(device::Device& device, const device::ModelFile& file, int batch,
                                 ModelDescription said, std::string_view what,
                                 device::RunContext& context);

  // {"input_shape", "outputs", "labels", ...}, as PictureModel::model_info() has it, and where the
  // width is free "step" and "max_width".
  boost::json::object info() const;

  // What is given for each crop: the network's scores, or of each row of them the best class and
  // its value (best_classes.hpp).
  enum class Answer { kScores, kBest };
  // crops: a list of tensor objects in the request. Gives one tensor for each, in order. Neighbours
  // of one size run together; of a model with a fixed batch, the last run is padded with zeros.
  // Stops between runs when the request is cancelled.
  Result<boost::json::value> infer(const boost::json::array& crops, Answer answer,
                                   const InferInput& input, InferOutput& output,
                                   device::RunContext& context) const;

 private:
  explicit Recognizer(PictureModel model) : model_(std::move(model)) {}
  std::size_t batch() const;
  // Crops of one size, at most batch(). The output's first dimension counts them, and those that
  // were padded.
  Result<Tensor> run(std::span<const TensorView> crops, device::RunContext& context) const;
  Result<Tensor> run_fixed(const std::vector<std::byte>& pictures,
                           device::RunContext& context) const;

  PictureModel model_;
};

}  // namespace npu::families
