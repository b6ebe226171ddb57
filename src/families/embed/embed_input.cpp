#include "families/embed/embed_input.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxItems = 256;

bool is_token_type(DType dtype) { return dtype == DType::kInt64 || dtype == DType::kInt32; }

// A batch of 1 apart.
std::size_t rank_of(const TensorSpec& spec) { return without_leading_one(spec.shape).size(); }

void write_number(std::vector<std::byte>& memory, DType dtype, std::size_t at,
                  std::int64_t number) {
  if (dtype == DType::kInt64) {
    std::memcpy(memory.data() + at * sizeof(number), &number, sizeof(number));
  } else {
    const auto narrow = static_cast<std::int32_t>(number);
    std::memcpy(memory.data() + at * sizeof(narrow), &narrow, sizeof(narrow));
  }
}

}  // namespace

EmbedInput::Role EmbedInput::role_of(const TensorSpec& spec) {
  if (spec.name.find("mask") != std::string::npos) return Role::kMask;
  if (spec.name.find("type") != std::string::npos) return Role::kZeros;
  return Role::kIds;
}

Result<EmbedInput> EmbedInput::of(const device::TensorModel& model) {
  const auto& inputs = model.inputs();
  const TensorSpec& first = inputs.front();
  if (inputs.size() == 1 && first.dtype == DType::kUint8 && rank_of(first) == 3) {
    return EmbedInput(model, Kind::kImages);
  }
  if (inputs.size() == 1 && first.dtype == DType::kFloat32 && rank_of(first) == 2) {
    return EmbedInput(model, Kind::kFeatures);
  }
  const bool tokens = std::ranges::all_of(inputs, [&](const TensorSpec& spec) {
    return is_token_type(spec.dtype) && rank_of(spec) == 1 &&
           without_leading_one(spec.shape) == without_leading_one(first.shape);
  });
  const auto ids = std::ranges::count_if(
      inputs, [](const TensorSpec& spec) { return role_of(spec) == Role::kIds; });
  if (tokens && ids == 1) return EmbedInput(model, Kind::kTokens);
  return fail(ErrorCode::kUnsupported,
              fmt::format("an embedding model takes a uint8 picture (H, W, C), whole numbers of "
                          "tokens with their masks, or float32 features (tokens, width); this file "
                          "takes {} inputs, the first is {} {}",
                          inputs.size(), name_of(first.dtype), to_string(first.shape)));
}

std::string_view EmbedInput::field() const {
  switch (kind_) {
    case Kind::kImages: return "images";
    case Kind::kTokens: return "tokens";
    default: return "features";
  }
}

Shape EmbedInput::shape() const { return without_leading_one(model_->inputs().front().shape); }

Result<std::vector<EmbedInput::Item>> EmbedInput::take(const InferInput& input) const {
  npu::json::Fields in(input.fields());
  in.required({field()});
  const auto* list = in.list(field());
  if (!in.status()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("this model takes a list of {}: {}",
                                                         field(), in.status().error().message));
  }
  if (list->empty() || list->size() > kMaxItems) {
    return fail(list->empty() ? ErrorCode::kInvalidArgument : ErrorCode::kTooLarge,
                fmt::format("{} must be 1..{}, got {}", field(), kMaxItems, list->size()));
  }
  const auto* lengths = in.list("lengths");
  if (!in.status()) return fail(in.status().error());
  if (lengths != nullptr && (kind_ != Kind::kFeatures || lengths->size() != list->size())) {
    return fail(ErrorCode::kInvalidArgument, "lengths needs features, and a number for each");
  }
  std::vector<Item> items;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string name = fmt::format("{}[{}]", field(), i);
    auto item = kind_ == Kind::kTokens ? take_tokens((*list)[i], name)
                                       : take_tensor(input, (*list)[i], name);
    if (!item) return fail(item.error());
    if (lengths != nullptr) {
      const auto length = npu::json::integer_in((*lengths)[i]);
      if (!length || *length < 1 || *length > shape()[0]) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("lengths[{}] must be a whole number in 1..{}, got {}", i,
                                shape()[0], npu::json::quote((*lengths)[i])));
      }
      item->counting = static_cast<std::size_t>(*length);
    }
    items.push_back(std::move(*item));
  }
  return items;
}

Result<EmbedInput::Item> EmbedInput::take_tensor(const InferInput& input, const json::value& value,
                                                 std::string_view name) const {
  const TensorSpec& spec = model_->inputs().front();
  const auto tensor = input.tensor(value);
  if (!tensor) return fail(tensor.error());
  if (auto ok = check_tensor(name, spec.dtype, spec.shape, *tensor); !ok) return fail(ok.error());
  return Item{.tensors = {as_spec(*tensor, spec)}};
}

Result<EmbedInput::Item> EmbedInput::take_tokens(const json::value& value,
                                                 std::string_view name) const {
  const auto* ids = value.if_array();
  if (ids == nullptr || ids->empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} must be a list of token ids, got {}", name,
                            ids != nullptr ? "none" : npu::json::quote(value)));
  }
  const std::size_t room = static_cast<std::size_t>(shape()[0]);
  Item item{.tensors = {}, .counting = std::min(room, ids->size())};
  for (const auto& spec : model_->inputs()) {
    auto& memory = item.memory.emplace_back(room * size_of(spec.dtype));
    const Role role = role_of(spec);
    for (std::size_t i = 0; i < item.counting && role != Role::kZeros; ++i) {
      const auto id = npu::json::integer_in((*ids)[i]);
      if (!id || *id < 0 || *id > std::numeric_limits<std::int32_t>::max()) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}[{}] must be a token id, a whole number that is not negative, "
                                "got {}",
                                name, i, npu::json::quote((*ids)[i])));
      }
      write_number(memory, spec.dtype, i, role == Role::kMask ? 1 : *id);
    }
    item.tensors.push_back({spec.dtype, spec.shape, memory});
  }
  return item;
}

}  // namespace npu::families
