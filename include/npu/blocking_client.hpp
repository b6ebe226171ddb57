// The client of hailo-device-manager for programs without an event loop: command-line tools,
// worker threads, benchmarks. Same requests, results and errors as <npu/client.hpp>.
//
//   npu::BlockingDeviceClient device({.name = "my-tool"});
//   auto input = device.allocate(npu::DType::kUint8, {640, 640, 3});
//   fill(input->writable());
//   auto result = device.infer({.path = hef, .type = "depth"},
//                              npu::InferInput().tensor("input", *input), {.timeout = 500ms});
#pragma once

#include <functional>
#include <memory>

#include <boost/json.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>

namespace npu {

namespace client {
class BlockingCore;
}

// One connection and one request at a time. The calling thread itself sends, and sleeps in the
// kernel until the reply is there: no other thread takes part, so latency is the lowest possible.
//
// Threads: members may be called from any thread; concurrent calls take turns, waiting at most
// until their deadline. Programs that want overlap use one client a thread, or DeviceClient.
//
// Reconnects and repeats requests by the same rules as DeviceClient. A call that ends early, by
// its deadline or its stop token, tells the manager to drop the request and leaves the connection
// usable; with a manager that cannot cancel it closes the connection.
class BlockingDeviceClient {
 public:
  explicit BlockingDeviceClient(ClientOptions options = {});
  BlockingDeviceClient(BlockingDeviceClient&&) noexcept;
  BlockingDeviceClient& operator=(BlockingDeviceClient&&) noexcept;
  ~BlockingDeviceClient();

  // As DeviceClient::allocate.
  Result<ClientTensor> allocate(DType dtype, Shape shape);

  Result<ServerInfo> connect(const CallOptions& options = {});

  Result<ManagerStatus> ping(const CallOptions& options = {});
  Result<ManagerStatus> status(const CallOptions& options = {});
  Result<DeviceStatus> device_status(const CallOptions& options = {});
  Result<LoadedModel> load_model(const ModelRef& model, const CallOptions& options = {});
  Result<UnloadedModel> unload_model(const ModelRef& model, const CallOptions& options = {});

  Result<InferResult> infer(const ModelRef& model, const InferInput& input,
                            const CallOptions& options = {});

  // Called on the calling thread for each piece; false cancels the inference.
  using OnEvent = std::function<bool(const boost::json::object& event)>;
  Result<InferResult> infer_stream(const ModelRef& model, const InferInput& input,
                                   const OnEvent& on_event, const CallOptions& options = {});

  void close();

 private:
  std::unique_ptr<client::BlockingCore> core_;
};

}  // namespace npu
