#include <utility>

#include <npu/client.hpp>

#include "client/allocate.hpp"
#include "client/async_core.hpp"

#include <boost/asio/post.hpp>

namespace npu {
namespace asio = boost::asio;

using client::AsyncCore;
using client::Call;
using client::infer_request;
using client::model_request;
using client::Request;
using client::simple_request;

namespace {

std::shared_ptr<Call> call_of(Request request) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  return call;
}

template <class Typed>
asio::awaitable<Result<Typed>> typed(std::weak_ptr<AsyncCore> core, std::shared_ptr<Call> call) {
  auto reply = co_await AsyncCore::run(std::move(core), std::move(call));
  if (!reply) co_return fail(std::move(reply.error()));
  co_return Typed::from(std::move(reply->body));
}

asio::awaitable<Result<InferResult>> infer_of(std::weak_ptr<AsyncCore> core,
                                              std::shared_ptr<Call> call) {
  auto reply = co_await AsyncCore::run(std::move(core), std::move(call));
  if (!reply) co_return fail(std::move(reply.error()));
  co_return std::move(reply->infer);
}

asio::awaitable<Result<ServerInfo>> server_of(std::weak_ptr<AsyncCore> core,
                                              std::shared_ptr<Call> call) {
  auto reply = co_await AsyncCore::run(std::move(core), std::move(call));
  if (!reply) co_return fail(std::move(reply.error()));
  co_return std::move(reply->server);
}

}  // namespace

DeviceClient::DeviceClient(asio::any_io_executor executor, ClientOptions options)
    : core_(std::make_shared<AsyncCore>(executor, std::move(options))) {}

DeviceClient::DeviceClient(DeviceClient&&) noexcept = default;

DeviceClient& DeviceClient::operator=(DeviceClient&& other) noexcept {
  if (this != &other) {
    close();
    core_ = std::move(other.core_);
  }
  return *this;
}

DeviceClient::~DeviceClient() { close(); }

void DeviceClient::close() {
  if (core_ != nullptr) asio::post(core_->strand(), [core = core_] { core->close(); });
}

void DeviceClient::on_event(EventHook hook, bool requests) {
  asio::post(core_->strand(), [core = core_, hook = std::move(hook), requests]() mutable {
    core->watch(std::move(hook), requests);
  });
}

Result<ClientTensor> DeviceClient::allocate(DType dtype, Shape shape) {
  return client::allocate_tensor(core_->arena(), dtype, std::move(shape));
}

asio::awaitable<Result<ServerInfo>> DeviceClient::connect(CallOptions options) {
  return server_of(core_, call_of(simple_request("connect", std::move(options))));
}

asio::awaitable<Result<ManagerStatus>> DeviceClient::ping(CallOptions options) {
  return typed<ManagerStatus>(core_, call_of(simple_request("ping", std::move(options))));
}

asio::awaitable<Result<ManagerStatus>> DeviceClient::status(CallOptions options) {
  return typed<ManagerStatus>(core_, call_of(simple_request("status", std::move(options))));
}

asio::awaitable<Result<DeviceStatus>> DeviceClient::device_status(CallOptions options) {
  return typed<DeviceStatus>(core_, call_of(simple_request("device_status", std::move(options))));
}

asio::awaitable<Result<LoadedModel>> DeviceClient::load_model(ModelRef model, CallOptions options) {
  return typed<LoadedModel>(
      core_, call_of(model_request("load_model", std::move(model), std::move(options))));
}

asio::awaitable<Result<UnloadedModel>> DeviceClient::unload_model(ModelRef model,
                                                                  CallOptions options) {
  return typed<UnloadedModel>(
      core_, call_of(model_request("unload_model", std::move(model), std::move(options))));
}

asio::awaitable<Result<InferResult>> DeviceClient::infer(ModelRef model, InferInput input,
                                                         CallOptions options) {
  return infer_of(
      core_, call_of(infer_request(std::move(model), std::move(input), std::move(options), false)));
}

asio::awaitable<Result<InferStream>> DeviceClient::infer_stream(ModelRef model, InferInput input,
                                                                CallOptions options) {
  auto call = call_of(infer_request(std::move(model), std::move(input), std::move(options), true));
  std::weak_ptr<AsyncCore> core = core_;
  return [](std::weak_ptr<AsyncCore> weak,
            std::shared_ptr<Call> begun) -> asio::awaitable<Result<InferStream>> {
    auto reply = co_await AsyncCore::run(weak, begun);
    if (!reply) co_return fail(std::move(reply.error()));
    co_return InferStream(weak, std::move(begun));
  }(std::move(core), std::move(call));
}

}  // namespace npu
