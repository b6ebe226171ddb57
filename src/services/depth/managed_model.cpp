#include "services/depth/managed_model.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace npu::depth {
namespace json = boost::json;
namespace asio = boost::asio;

namespace {

constexpr const char* kModelType = "depth";
constexpr Millis kLoadTimeout = std::chrono::seconds(180);
constexpr Millis kStatusTimeout = std::chrono::seconds(2);
constexpr std::int64_t kMaxSide = 4096;

ClientOptions client_options(const ManagedModelOptions& options) {
  ClientOptions out;
  out.socket_path = options.socket_path;
  out.name = "hailo-depth";
  return out;
}

// One output: the tensor itself. Several: the first by name.
Result<ClientTensor> first_tensor(const InferResult& result) {
  if (auto tensor = result.tensor()) return tensor;
  if (const auto* object = result.value.if_object(); object != nullptr && !object->empty()) {
    const auto first = std::ranges::min_element(
        *object, {}, [](const auto& field) { return std::string_view(field.key()); });
    return result.tensor(first->key());
  }
  return fail(ErrorCode::kInternal, "the model's output is not a tensor");
}

}  // namespace

ManagedModel::ManagedModel(asio::any_io_executor executor, ManagedModelOptions options)
    : options_(std::move(options)),
      client_(executor, client_options(options_)),
      watch_(kModelType, options_.path, options_.keep_alive < 0) {}

ModelRef ManagedModel::model() const {
  ModelRef model;
  model.path = options_.path;
  model.type = kModelType;
  return model;
}

CallOptions ManagedModel::call_options(Millis timeout) const {
  CallOptions call;
  call.timeout = timeout;
  call.keep_alive = options_.keep_alive;
  return call;
}

Result<ClientTensor> ManagedModel::allocate_input() {
  if (input_shape_.empty()) {
    return fail(ErrorCode::kUnavailable, "the model is being loaded", Millis(1000));
  }
  return client_.allocate(DType::kUint8, input_shape_);
}

asio::awaitable<Result<ClientTensor>> ManagedModel::infer(ClientTensor input, Millis timeout) {
  InferInput fields;
  fields.tensor("input", std::move(input));
  const auto result = co_await client_.infer(model(), std::move(fields), call_options(timeout));
  if (!result) co_return fail(result.error());
  co_return first_tensor(*result);
}

asio::awaitable<Status> ManagedModel::load() {
  const auto reply = co_await client_.load_model(model(), call_options(kLoadTimeout));
  if (!reply) co_return fail(reply.error());
  auto shape = input_shape_in(*reply);
  if (!shape) co_return fail(shape.error());
  input_shape_ = std::move(*shape);
  watch_.loaded(*reply);
  co_return Status{};
}

asio::awaitable<Status> ManagedModel::check_loaded() {
  CallOptions call;
  call.timeout = kStatusTimeout;
  const auto reply = co_await client_.status(call);
  if (!reply && reply.error().code == ErrorCode::kDeadlineExceeded) {
    co_return fail(ErrorCode::kUnavailable, "the device manager does not answer");
  }
  if (!reply) co_return fail(reply.error());
  co_return watch_.check(*reply);
}

asio::awaitable<void> ManagedModel::release() {
  CallOptions call;
  call.timeout = kStatusTimeout;
  (void)co_await client_.unload_model(model(), call);
  client_.close();
}

Result<Shape> input_shape_in(const json::object& reply) {
  const auto* info = reply.if_contains("model_info");
  const auto* sides = info != nullptr && info->is_object()
                          ? info->get_object().if_contains("input_shape")
                          : nullptr;
  Shape shape;
  if (sides != nullptr && sides->is_array()) {
    for (const auto& side : sides->get_array()) {
      const bool sane = side.is_int64() && side.get_int64() >= 1 && side.get_int64() <= kMaxSide;
      shape.push_back(sane ? side.get_int64() : 0);
    }
  }
  const bool picture = shape.size() == 3 && std::ranges::find(shape, 0) == shape.end() &&
                       (shape[2] == 1 || shape[2] == 3);
  if (picture) return shape;
  return fail(ErrorCode::kUnsupported,
              "the model does not take pictures of 1 or 3 channels, or the device manager is too "
              "old to say what it takes");
}

Error error_for_client(const Error& error) {
  constexpr Millis kSoon = std::chrono::seconds(1);
  switch (error.code) {
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kOverloaded:
    case ErrorCode::kBusy:
      return {ErrorCode::kOverloaded, "the device has too much to do",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kCancelled: return error;
    case ErrorCode::kUnavailable:
      return {ErrorCode::kUnavailable, "the device manager or its model is not available",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kDeviceLost:
      return {ErrorCode::kDeviceLost, "the device was lost during the inference",
              error.retry_after.value_or(kSoon)};
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:
    case ErrorCode::kDoesNotFit:
    case ErrorCode::kUnsupported:
    case ErrorCode::kMalformed:
    case ErrorCode::kVersionMismatch:
      return {ErrorCode::kUnavailable, "the model is not available",
              error.retry_after.value_or(std::chrono::seconds(10))};
    default: return {ErrorCode::kInternal, "the inference failed"};
  }
}

}  // namespace npu::depth
