#include <npu/blocking_client.hpp>

#include <utility>

#include "client/allocate.hpp"
#include "client/blocking_core.hpp"

namespace npu {
using client::infer_request;
using client::model_request;
using client::simple_request;

namespace {

template <class Typed>
Result<Typed> typed(Result<client::Reply> reply) {
  if (!reply) return fail(std::move(reply.error()));
  return Typed::from(std::move(reply->body));
}

Result<InferResult> infer_of(Result<client::Reply> reply) {
  if (!reply) return fail(std::move(reply.error()));
  return std::move(reply->infer);
}

}  // namespace

BlockingDeviceClient::BlockingDeviceClient(ClientOptions options)
    : core_(std::make_unique<client::BlockingCore>(std::move(options))) {}
BlockingDeviceClient::BlockingDeviceClient(BlockingDeviceClient&&) noexcept = default;
BlockingDeviceClient& BlockingDeviceClient::operator=(BlockingDeviceClient&&) noexcept = default;
BlockingDeviceClient::~BlockingDeviceClient() = default;

Result<ClientTensor> BlockingDeviceClient::allocate(DType dtype, Shape shape) {
  return client::allocate_tensor(core_->arena(), dtype, std::move(shape));
}

Result<ServerInfo> BlockingDeviceClient::connect(const CallOptions& options) {
  return core_->connect(options);
}

Result<ManagerStatus> BlockingDeviceClient::ping(const CallOptions& options) {
  return typed<ManagerStatus>(core_->run(simple_request("ping", options)));
}

Result<ManagerStatus> BlockingDeviceClient::status(const CallOptions& options) {
  return typed<ManagerStatus>(core_->run(simple_request("status", options)));
}

Result<DeviceStatus> BlockingDeviceClient::device_status(const CallOptions& options) {
  return typed<DeviceStatus>(core_->run(simple_request("device_status", options)));
}

Result<LoadedModel> BlockingDeviceClient::load_model(const ModelRef& model,
                                                     const CallOptions& options) {
  return typed<LoadedModel>(core_->run(model_request("load_model", model, options)));
}

Result<UnloadedModel> BlockingDeviceClient::unload_model(const ModelRef& model,
                                                         const CallOptions& options) {
  return typed<UnloadedModel>(core_->run(model_request("unload_model", model, options)));
}

Result<InferResult> BlockingDeviceClient::infer(const ModelRef& model, const InferInput& input,
                                                const CallOptions& options) {
  return infer_of(core_->run(infer_request(model, input, options, false)));
}

Result<InferResult> BlockingDeviceClient::infer_stream(const ModelRef& model,
                                                       const InferInput& input,
                                                       const OnEvent& on_event,
                                                       const CallOptions& options) {
  return infer_of(core_->run(infer_request(model, input, options, true), on_event));
}

void BlockingDeviceClient::close() { core_->close(); }

}  // namespace npu
