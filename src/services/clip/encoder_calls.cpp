#include "services/clip/encoder_calls.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "json/fields.hpp"

namespace npu::clip {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxBatch = 64;

// (tokens, width)
std::optional<std::pair<std::size_t, std::size_t>> matrix_in(npu::json::Fields& fields,
                                                             std::string_view name) {
  const auto* list = fields.list(name);
  if (list == nullptr || list->size() != 2) return std::nullopt;
  const auto rows = npu::json::count_in(list->at(0));
  const auto columns = npu::json::count_in(list->at(1));
  if (!rows || !columns || *rows == 0 || *columns == 0) return std::nullopt;
  return std::pair<std::size_t, std::size_t>(*rows, *columns);
}

// A network may give anything; what is no number is in no answer.
Result<Vector> of_numbers(Vector vector) {
  const auto is_number = [](float value) { return std::isfinite(value); };
  if (std::ranges::all_of(vector, is_number)) return vector;
  return fail(ErrorCode::kInternal, "the network's output has what is no number");
}

// What the text encoder takes of it.
ClientTensor embedded_text(const TextTables& tables, const Tokens& tokens) {
  const EncoderShapes& shapes = tables.shapes();
  const std::size_t count = shapes.tokens * shapes.width;
  Tensor tensor{DType::kFloat32,
                {static_cast<std::int64_t>(shapes.tokens), static_cast<std::int64_t>(shapes.width)},
                std::vector<std::byte>(count * sizeof(float))};
  tables.look_up(tokens, {reinterpret_cast<float*>(tensor.data.data()), count});
  return ClientTensor::own(std::move(tensor));
}

}  // namespace

Result<EncoderShapes> shapes_of(const LoadedModel& loaded) {
  const auto* info = npu::json::Fields(loaded.json).object("model_info");
  const auto* text = info != nullptr ? npu::json::Fields(*info).object("text") : nullptr;
  if (text == nullptr || loaded.outputs.empty()) {
    return fail(ErrorCode::kUnsupported,
                "the device manager is too old to say what the encoders of clip take");
  }
  npu::json::Fields in(*text);
  const auto input = matrix_in(in, "input_shape");
  const auto output = matrix_in(in, "output_shape");
  constexpr std::size_t kLeast = 3;  // start, a token, end
  if (!input || !output || input->first != output->first || input->first < kLeast) {
    return fail(
        ErrorCode::kUnsupported,
        "a text encoder takes and gives a row for each token; this one: " + json::serialize(*text));
  }
  const auto batch = in.count("batch").value_or(1);
  std::size_t dimension = 1;
  for (const auto side : loaded.outputs.front().shape) dimension *= static_cast<std::size_t>(side);
  return EncoderShapes{.tokens = input->first,
                       .width = input->second,
                       .features = output->second,
                       .dimension = dimension,
                       .batch = std::clamp<std::size_t>(batch, 1, kMaxBatch)};
}

InferInput picture_request(ClientTensor picture) {
  InferInput input;
  input.field("mode", "image").tensor("tensor", std::move(picture));
  return input;
}

Result<Vector> picture_vector(const InferResult& result) {
  const auto tensor = result.tensor();
  if (!tensor || tensor->dtype() != DType::kFloat32) {
    return fail(ErrorCode::kInternal, "the image encoder's output is not a tensor of float32");
  }
  const auto values = tensor->as<float>();
  Vector vector(values.begin(), values.end());
  normalise(vector);
  return of_numbers(std::move(vector));
}

InferInput text_request(std::vector<ClientTensor> embedded) {
  InferInput input;
  input.field("mode", "text");
  if (embedded.size() == 1) {
    input.tensor("tensor", std::move(embedded.front()));
  } else {
    input.tensors("tensors", std::move(embedded));
  }
  return input;
}

std::vector<ClientTensor> embedded_texts(const TextTables& tables,
                                         std::span<const Tokens* const> texts) {
  std::vector<ClientTensor> tensors;
  for (const Tokens* tokens : texts) tensors.push_back(embedded_text(tables, *tokens));
  return tensors;
}

Result<std::vector<Vector>> text_vectors(const TextTables& tables,
                                         std::span<const Tokens* const> texts,
                                         const InferResult& output) {
  const EncoderShapes& shapes = tables.shapes();
  const bool whole = output.tensors.size() == texts.size() &&
                     std::ranges::all_of(output.tensors, [&](const ClientTensor& tensor) {
                       return tensor.dtype() == DType::kFloat32 &&
                              tensor.as<float>().size() == shapes.tokens * shapes.features;
                     });
  if (!whole) {
    return fail(ErrorCode::kInternal, "the text encoder's output has not a row for each token");
  }
  std::vector<Vector> vectors;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto vector =
        of_numbers(tables.project(output.tensors[i].as<float>(), tables.end_of(*texts[i])));
    if (!vector) return fail(vector.error());
    vectors.push_back(std::move(*vector));
  }
  return vectors;
}

std::size_t next_count(std::size_t left, std::size_t batch) {
  return 2 * left > batch ? std::min(left, batch) : 1;
}

}  // namespace npu::clip
