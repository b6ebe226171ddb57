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
  return fail(ErrorCode::kInvalidArgument, "the result of this model is not a text");
}

std::string socket_path_of(const ClientOptions& options) {
  if (!options.socket_path.empty()) return options.socket_path;
  const char* from_environment = std::getenv("HAILO_DEVICE_SOCKET");
  if (from_environment != nullptr && *from_environment != '\0') return from_environment;
  return "/run/hailo/device.sock";
}

}  // namespace npu
