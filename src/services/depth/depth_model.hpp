// The network, wherever it runs. The service knows only this; tests put a fake here.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <npu/client_tensor.hpp>
#include <npu/result.hpp>

namespace npu::depth {

class DepthModel {
 public:
  virtual ~DepthModel() = default;

  // Memory for one input picture: uint8, the model's input shape (height, width, channels 1 or 3).
  // Fails with kUnavailable before the first load().
  virtual Result<ClientTensor> allocate_input() = 0;
  // Fails with kUnavailable, kDeviceLost, kDeadlineExceeded, kOverloaded, ...: what the caller of
  // the service may be told.
  virtual boost::asio::awaitable<Result<ClientTensor>> infer(ClientTensor input,
                                                             Millis timeout) = 0;

  // Makes the model resident.
  virtual boost::asio::awaitable<Status> load() = 0;
  // Fails when the model is gone since load(): kUnavailable: the manager is away or was restarted;
  // kDeviceLost: the device is broken; kNotFound: somebody has unloaded the model.
  virtual boost::asio::awaitable<Status> check_loaded() = 0;
  // Gives the model back and disconnects.
  virtual boost::asio::awaitable<void> release() = 0;
};

}  // namespace npu::depth
