// The client of hailo-device-manager for programs with a Boost.Asio event loop. For programs
// without one: <npu/blocking_client.hpp>.
//
//   npu::DeviceClient device(io.get_executor(), {.name = "hailo-depth"});
//
//   asio::awaitable<void> estimate(const cv::Mat& picture) {
//     auto input = device.allocate(npu::DType::kUint8, {256, 320, 3});  // shared with the manager
//     if (!input) co_return report(input.error());
//     resize_into(picture, input->writable());
//     const npu::ModelRef model{.path = hef, .type = "depth"};
//     auto result = co_await device.infer(model, npu::InferInput().tensor("input", *input));
//     if (!result) co_return report(result.error());
//     auto depth = result->tensor();                                    // still no copy
//     if (depth) draw(depth->as<float>(), depth->shape());
//   }
//
// Give ModelRef and CallOptions names, as above: GCC 12 destroys twice what is written in braces
// inside a co_await expression, as in `co_await device.infer({.path = hef}, input)`, and crashes.
//
// Life cycle of the connection, which calls open when they need it:
//
//              first call                 hello answered
//   [idle] ------------------> [connecting] ------------> [connected]
//      ^                          |      ^                     |
//      |   patience is used up:   |      | growing pauses      | end of file, error, bad reply
//      +--- waiting calls fail ---+      +-- while a call -----+
//           kUnavailable                     is waiting
//
// A request whose connection is lost is sent again once, without the caller noticing, where that
// is safe: always if it had not been sent completely; otherwise only ping, status, device_status,
// load_model and unload_model. An infer that had been sent fails with kDeviceLost: it may have run.
//
// Errors: the manager's own codes, and from the client itself
//   kUnavailable        no manager on the socket (the message names the socket), connection lost
//   kPermission         the socket may not be opened
//   kDeviceLost         the connection was lost while an infer was under way
//   kDeadlineExceeded   the call's time has passed; the manager is told to drop it
//   kCancelled          cancelled by the caller, or the client was closed
//   kTooLarge           a request or a reply is over max_message_bytes
//   kMalformed          the manager's reply is not what the protocol says; the connection is closed
//   kInvalidArgument    an argument that cannot be sent
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>

namespace npu {

namespace client {
class AsyncCore;
struct Call;
}  // namespace client

// The pieces of a streamed inference, in order, then its result.
//
//   auto stream = co_await device.infer_stream(model, input);
//   while (auto event = co_await stream->next()) {       // Result<optional<object>>
//     if (!*event) break;                                // the end
//     write(json::value_to<std::string>((**event)["text"]));
//   }
//   stream->result();
//
// Move-only; one coroutine at a time. Destroying it before the end cancels the inference. A
// consumer that falls 4096 pieces behind loses the stream with kOverloaded.
class InferStream {
 public:
  InferStream(InferStream&&) noexcept;
  InferStream& operator=(InferStream&&) noexcept;
  ~InferStream();

  // The next piece; nullopt once the inference has ended well. After that, or an error, no more.
  boost::asio::awaitable<Result<std::optional<boost::json::object>>> next();
  // Valid once next() returned nullopt.
  const InferResult& result() const { return result_; }

 private:
  friend class DeviceClient;
  InferStream(std::weak_ptr<client::AsyncCore> core, std::shared_ptr<client::Call> call);

  std::weak_ptr<client::AsyncCore> core_;
  std::shared_ptr<client::Call> call_;
  InferResult result_;
};

// One connection to the device manager, shared by any number of concurrent calls.
//
// Threads: every member may be called from any thread; calls resume on the executor of the
// coroutine that awaits them. State is kept on a strand of the given executor, whose context must
// run for calls to make progress and must outlive the client.
//
// Cancellation: cancelling a coroutine that awaits a call (terminal, partial or total) ends the
// call with kCancelled and tells the manager.
//
// Bounds: at most the manager's max_in_flight requests are under way (one with a manager that
// does not pipeline); further calls wait their turn, in order, within their deadline.
//
// Destruction closes the connection; calls still under way end with kCancelled.
class DeviceClient {
 public:
  explicit DeviceClient(boost::asio::any_io_executor executor, ClientOptions options = {});
  DeviceClient(DeviceClient&&) noexcept;
  DeviceClient& operator=(DeviceClient&&) noexcept;
  ~DeviceClient();

  // A tensor with unspecified contents, in shared memory where there is room under
  // max_shared_bytes, else on the heap. kInvalidArgument for a bad shape.
  Result<ClientTensor> allocate(DType dtype, Shape shape);

  // Connects if need be and says what the manager granted.
  boost::asio::awaitable<Result<ServerInfo>> connect(CallOptions options = {});

  // Answered at once, also while inference runs.
  boost::asio::awaitable<Result<ManagerStatus>> ping(CallOptions options = {});
  boost::asio::awaitable<Result<ManagerStatus>> status(CallOptions options = {});
  boost::asio::awaitable<Result<DeviceStatus>> device_status(CallOptions options = {});

  boost::asio::awaitable<Result<LoadedModel>> load_model(ModelRef model, CallOptions options = {});
  boost::asio::awaitable<Result<UnloadedModel>> unload_model(ModelRef model,
                                                             CallOptions options = {});

  boost::asio::awaitable<Result<InferResult>> infer(ModelRef model, InferInput input,
                                                    CallOptions options = {});

  // Returns once the request is under way; kUnsupported where the manager does not stream. The
  // timeout counts until the last piece.
  boost::asio::awaitable<Result<InferStream>> infer_stream(ModelRef model, InferInput input,
                                                           CallOptions options = {});

  // From now on the client is connected whenever there is a manager, also without a call, and the
  // hook is told of changes: of the connection itself
  //   {"event": "manager", "state": "connected", "server": ..., "events": ...}  as in ServerInfo
  //   {"event": "manager", "state": "lost", "reason": ...}
  // and, of a manager with the feature `events`, what docs/reference/protocol.md section 8 lists;
  // with each connection first how things stand. To be called before the first call, since a
  // connection that is there already tells nothing of the device. The hook runs on the client's
  // strand, so it must not block; it may begin calls. requests: also of the life of everybody's
  // requests, where this user is an administrator.
  void on_event(EventHook hook, bool requests = false);

  // Ends all calls with kCancelled, and the hook. Later calls connect again.
  void close();

 private:
  std::shared_ptr<client::AsyncCore> core_;
};

}  // namespace npu
