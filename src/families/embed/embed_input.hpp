// What an embedding model takes, and how a request gives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "families/family.hpp"

namespace npu::families {

class EmbedInput {
 public:
  enum class Kind { kImages, kTokens, kFeatures };

  // kUnsupported where the model takes something else. The model outlives this.
  static Result<EmbedInput> of(const device::TensorModel& model);

  // The field of input_data: "images", "tokens", "features".
  std::string_view field() const;
  // Of one input, without batch.
  Shape shape() const;

  // One input of a request, ready for the model.
  struct Item {
    std::vector<TensorView> tensors;                  // in the order of the model's inputs
    std::size_t counting = 0;                         // rows that count; 0: all
    std::vector<std::vector<std::byte>> memory = {};  // of tensors that were made here
  };
  // kInvalidArgument and kTooLarge name what is wrong. Views live as long as the request.
  Result<std::vector<Item>> take(const InferInput& input) const;

 private:
  // What an input of a model that takes tokens is filled with.
  enum class Role { kIds, kMask, kZeros };

  EmbedInput(const device::TensorModel& model, Kind kind) : model_(&model), kind_(kind) {}

  Result<Item> take_tokens(const boost::json::value& ids, std::string_view name) const;
  Result<Item> take_tensor(const InferInput& input, const boost::json::value& value,
                           std::string_view name) const;
  static Role role_of(const TensorSpec& spec);

  const device::TensorModel* model_;
  Kind kind_;
};

}  // namespace npu::families
