#include "families/support/raw_outputs.hpp"

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;

Result<json::value> RawOutputsModel::infer(const InferInput& input, InferOutput& output,
                                           device::RunContext& context) {
  const auto* value = npu::json::Fields(input.fields()).find("input");
  if (value == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("input is required for {} inference", task_));
  }
  const auto picture = model_.take(input, *value, "input");
  if (!picture) return fail(picture.error());
  auto tensors = model_.run(*picture, output, context);
  if (!tensors) return fail(tensors.error());
  if (tensors->size() == 1) return json::value(std::move(tensors->front()));
  json::object result;
  const auto& specs = model_.model().outputs();
  for (std::size_t i = 0; i < specs.size(); ++i) result[specs[i].name] = std::move((*tensors)[i]);
  return json::value(std::move(result));
}

}  // namespace npu::families
