// A network of the device, wherever it runs. Services know only this; tests put a fake here.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

namespace npu::kit {

using boost::asio::awaitable;

// The pieces of a streamed inference, then its result. One coroutine at a time; destroying it
// before the end cancels the inference.
class PieceSource {
 public:
  virtual ~PieceSource() = default;
  // nullopt once the inference has ended well. After that, or an error, no more.
  virtual awaitable<Result<std::optional<boost::json::object>>> next() = 0;
  // Valid once next() has returned nullopt.
  virtual const InferResult& result() const = 0;
};

// What is asked of the manager for one inference.
struct InferTerms {
  Millis timeout;
  std::optional<Priority> priority{};  // nothing: that of the connection
};

// Used on one executor. Errors are the device manager's.
class Network {
 public:
  virtual ~Network() = default;

  // Memory for one input picture: uint8, the model's input shape (height, width, channels 1 or 3).
  // Fails with kUnavailable before the first load(), with kUnsupported where the model takes no
  // pictures.
  virtual Result<ClientTensor> allocate_picture() = 0;
  // Memory for a tensor of uint8 that the model takes, whatever its shape.
  virtual Result<ClientTensor> allocate(Shape shape) {
    const auto bytes = byte_size(DType::kUint8, shape);
    if (!bytes) return fail(bytes.error());
    return ClientTensor::own({DType::kUint8, std::move(shape), std::vector<std::byte>(*bytes)});
  }
  virtual awaitable<Result<InferResult>> infer(InferInput input, InferTerms terms) = 0;
  // timeout: until the last piece.
  virtual awaitable<Result<std::unique_ptr<PieceSource>>> stream(InferInput input,
                                                                 Millis timeout) = 0;

  // Makes the model resident. Cancelled with the coroutine.
  virtual awaitable<Status> load() = 0;
  // Fails when the model is gone since load(): kUnavailable: the manager is away, hangs or was
  // restarted; kDeviceLost: the device is broken; kNotFound: somebody has unloaded the model.
  virtual awaitable<Status> check_loaded() = 0;
  // What the last load() has learned of it; nothing before.
  virtual const LoadedModel& info() const {
    static const LoadedModel kNothing;
    return kNothing;
  }
  // Gives the model back.
  virtual awaitable<void> release() = 0;
};

}  // namespace npu::kit
