#include <npu/client_types.hpp>

#include <cstdlib>

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu {
namespace bj = boost::json;
namespace {

const ClientTensor* tensor_at(const bj::value& value, const std::vector<ClientTensor>& tensors) {
  const auto* object = value.if_object();
  const auto* index = object != nullptr ? object->if_contains("tensor") : nullptr;
  if (index == nullptr || !index->is_int64()) return nullptr;
  const auto at = static_cast<std::size_t>(index->get_int64());
  return at < tensors.size() ? &tensors[at] : nullptr;
}

}  // namespace

Result<ClientTensor> InferResult::tensor() const {
  if (const auto* found = tensor_at(value, tensors)) return *found;
  return fail(ErrorCode::kInvalidArgument, "the result of this model is not one tensor");
}

Result<ClientTensor> InferResult::tensor(std::string_view name) const {
  const auto* object = value.if_object();
  const auto* member = object != nullptr ? object->if_contains(name) : nullptr;
  const auto* found = member != nullptr ? tensor_at(*member, tensors) : nullptr;
  if (found == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the result of this model has no tensor named '{}'", name));
  }
  return *found;
}

Result<std::string> InferResult::text() const {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* object = value.if_object()) {
    if (const auto text = json::Fields(*object).text("text")) return std::string(*text);
  }
  return fail(ErrorCode::kInvalidArgument, "the result of this model is not a text");
}

Result<GenerationResult> InferResult::generation() const {
  const bj::object none;
  const auto* object = value.if_object();
  json::Fields in(object != nullptr ? *object : none);
  const auto text = in.text("text");
  const auto reason = in.text("stop_reason");
  if (!text || !reason) {
    return fail(ErrorCode::kInvalidArgument,
                "the result has no details of a generation; ask for them with the field details");
  }
  GenerationResult result;
  result.text = *text;
  result.stop_reason = *reason;
  result.stop_string = in.text("stop_string");
  result.prompt_tokens = in.integer("prompt_tokens").value_or(0);
  result.cached_tokens = in.integer("cached_tokens").value_or(0);
  result.tokens = in.integer("tokens").value_or(0);
  if (const auto first = in.integer("first_token_ms")) result.first_token = Millis(*first);
  result.generation = Millis(in.integer("generation_ms").value_or(0));
  result.total = Millis(in.integer("total_ms").value_or(0));
  result.context = in.integer("context");
  if (const auto* ignored = in.list("ignored")) {
    for (const auto& name : *ignored) {
      if (name.is_string()) result.ignored.emplace_back(name.get_string());
    }
  }
  return result;
}

std::string socket_path_of(const ClientOptions& options) {
  if (!options.socket_path.empty()) return options.socket_path;
  const char* from_environment = std::getenv("HAILO_DEVICE_SOCKET");
  if (from_environment != nullptr && *from_environment != '\0') return from_environment;
  return "/run/hailo/device.sock";
}

}  // namespace npu
