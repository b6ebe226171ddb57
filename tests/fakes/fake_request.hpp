// The request that a family sees, and the place for its result, in memory.
//
//   FakeInput input;
//   input.set("input", make_tensor<std::uint8_t>(...));
//   FakeOutput output;
//   auto result = model->infer(input, output, context);
//   output.tensor(*result)     the tensor that a JSON value names
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "families/family.hpp"
#include "wire/tensor_json.hpp"

namespace npu::fakes {

class FakeInput final : public families::InferInput {
 public:
  const boost::json::object& fields() const override { return fields_; }

  Result<TensorView> tensor(const boost::json::value& value) const override {
    auto ref = wire::parse_tensor(value);
    if (!ref) return fail(ref.error());
    return tensors_.at(static_cast<std::size_t>(std::get<wire::InRegion>(ref->place).region))
        .view();
  }

  families::Asker asker() const override { return asker_; }
  void ask_as(families::Asker asker) { asker_ = asker; }

  void set(std::string_view name, boost::json::value value) { fields_[name] = std::move(value); }
  void clear(std::string_view name) { fields_.erase(name); }
  void set(std::string_view name, Tensor tensor) { fields_[name] = add(std::move(tensor)); }
  // The JSON that names the tensor, for use inside lists.
  boost::json::value add(Tensor tensor) {
    tensors_.push_back(std::move(tensor));
    const auto& kept = tensors_.back();
    return wire::region_tensor(kept.dtype, kept.shape,
                               static_cast<std::int64_t>(tensors_.size()) - 1, 0);
  }

 private:
  boost::json::object fields_;
  families::Asker asker_;
  std::deque<Tensor> tensors_;
};

class FakeOutput final : public families::InferOutput {
 public:
  std::deque<Tensor> tensors;
  std::vector<boost::json::object> events;
  std::size_t room = static_cast<std::size_t>(-1);  // bytes; what does not fit is kTooLarge

  Result<Place> allocate(DType dtype, const Shape& shape) override {
    const auto bytes = byte_size(dtype, shape);
    if (!bytes) return fail(bytes.error());
    if (*bytes > room) return fail(ErrorCode::kTooLarge, "no room");
    room -= *bytes;
    auto& tensor =
        tensors.emplace_back(Tensor{dtype, shape, std::vector<std::byte>(*bytes, std::byte{0xAA})});
    return Place{
        wire::region_tensor(dtype, shape, static_cast<std::int64_t>(tensors.size()) - 1, 0),
        {dtype, shape, tensor.data}};
  }
  void event(boost::json::object event) override { events.push_back(std::move(event)); }

  const Tensor& tensor(const boost::json::value& value) const {
    const auto ref = wire::parse_tensor(value);
    return tensors.at(static_cast<std::size_t>(std::get<wire::InRegion>(ref.value().place).region));
  }
};

}  // namespace npu::fakes
