#include "services/depth/managed_model.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace npu::depth {
namespace json = boost::json;
namespace asio = boost::asio;

namespace {

constexpr const char* kModelType = "depth";
constexpr Millis kLoadTimeout = std::chrono::seconds(180);
constexpr Millis kStatusTimeout = std::chrono::seconds(2);

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
  return client_.allocate(DType::kUint8, options_.input_shape);
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
  watch_.loaded();
  co_return Status{};
}

asio::awaitable<Status> ManagedModel::check_loaded() {
  CallOptions call;
  call.timeout = kStatusTimeout;
  const auto reply = co_await client_.status(call);
  if (!reply) co_return fail(reply.error());
  co_return watch_.check(*reply);
}

asio::awaitable<void> ManagedModel::release() {
  CallOptions call;
  call.timeout = kStatusTimeout;
  (void)co_await client_.unload_model(model(), call);
  client_.close();
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
      return {ErrorCode::kUnavailable, "the device manager is not available",
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
