// The text encoder of a CLIP pair: float32 in, a row for each token, and float32 out.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"

namespace npu::families {

inline constexpr int kMaxTextBatch = 64;

class TextEncoder {
 public:
  // batch: texts that one run should take, beside a model for one; where the file or the device
  // cannot have both, texts are encoded one by one.
  static Result<TextEncoder> load(device::Device& device, const device::ModelFile& file,
                                  const device::TensorOptions& options, int batch,
                                  device::RunContext& context);

  // {"input_shape", "output_shape", "batch"}, of one text, without a leading 1.
  boost::json::object info() const;

  // What `tensor` names, to one tensor in the shape of the file.
  Result<boost::json::value> infer(const boost::json::value& tensor, const InferInput& input,
                                   InferOutput& output, device::RunContext& context) const;
  // The same of a list.
  Result<boost::json::value> infer_all(const boost::json::array& tensors, const InferInput& input,
                                       InferOutput& output, device::RunContext& context) const;

 private:
  TextEncoder(std::unique_ptr<device::TensorModel> one, std::unique_ptr<device::TensorModel> many);

  const TensorSpec& in() const { return one_->inputs()[0]; }
  const TensorSpec& out() const { return one_->outputs()[0]; }
  Result<TensorView> take(const boost::json::value& tensor, std::string_view name,
                          const InferInput& input) const;
  Status run_one(const TensorView& text, std::span<std::byte> place,
                 device::RunContext& context) const;
  // At most batch_ of them.
  Status run_many(std::span<const TensorView> texts, std::span<const std::span<std::byte>> places,
                  device::RunContext& context) const;

  std::unique_ptr<device::TensorModel> one_;
  std::unique_ptr<device::TensorModel> many_;  // or none
  std::size_t batch_ = 1;
};

}  // namespace npu::families
