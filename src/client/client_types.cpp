#include <npu/client_types.hpp>

#include <cstdlib>

#include <fmt/format.h>

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

// The member of an object as the type that `as` gives; nullptr where it is another or is not there.
template <class T>
const T* member(const bj::value& value, std::string_view name,
                const T* (bj::value::*as)() const noexcept) {
  const auto* object = value.if_object();
  const auto* found = object != nullptr ? object->if_contains(name) : nullptr;
  return found != nullptr ? (found->*as)() : nullptr;
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
  if (const auto* text = member(value, "text", &bj::value::if_string)) return std::string(*text);
  return fail(ErrorCode::kInvalidArgument, "the result of this model is not a text");
}

Result<GenerationResult> InferResult::generation() const {
  const auto* text = member(value, "text", &bj::value::if_string);
  const auto* reason = member(value, "stop_reason", &bj::value::if_string);
  if (text == nullptr || reason == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "the result has no details of a generation; ask for them with the field details");
  }
  const auto number = [&](std::string_view name) {
    const auto* found = member(value, name, &bj::value::if_int64);
    return found != nullptr ? *found : 0;
  };
  GenerationResult result;
  result.text = *text;
  result.stop_reason = *reason;
  if (const auto* stop = member(value, "stop_string", &bj::value::if_string)) {
    result.stop_string = std::string(*stop);
  }
  result.prompt_tokens = number("prompt_tokens");
  result.cached_tokens = number("cached_tokens");
  result.tokens = number("tokens");
  if (const auto* first = member(value, "first_token_ms", &bj::value::if_int64)) {
    result.first_token = Millis(*first);
  }
  result.generation = Millis(number("generation_ms"));
  result.total = Millis(number("total_ms"));
  if (const auto* context = member(value, "context", &bj::value::if_int64)) {
    result.context = *context;
  }
  if (const auto* ignored = member(value, "ignored", &bj::value::if_array)) {
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
