// The network behind the device manager.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include <npu/client.hpp>

#include "services/depth/depth_model.hpp"
#include "services/depth/model_watch.hpp"

namespace npu::depth {

struct ManagedModelOptions {
  std::string socket_path;  // "": the client's default
  std::string path;         // names the model to the manager
  double keep_alive = -1;
};

class ManagedModel final : public DepthModel {
 public:
  ManagedModel(boost::asio::any_io_executor executor, ManagedModelOptions options);

  Result<ClientTensor> allocate_input() override;
  boost::asio::awaitable<Result<ClientTensor>> infer(ClientTensor input, Millis timeout) override;
  boost::asio::awaitable<Status> load() override;
  boost::asio::awaitable<Status> check_loaded() override;
  boost::asio::awaitable<void> release() override;

 private:
  ModelRef model() const;
  CallOptions call_options(Millis timeout) const;

  ManagedModelOptions options_;
  DeviceClient client_;
  ModelWatch watch_;
  Shape input_shape_;  // as the manager says; empty before the first load
};

// Height, width and channels from the reply to load_model. kUnsupported where it names none that
// a picture can have.
Result<Shape> input_shape_in(const boost::json::object& reply);

// What a client of the service is told about a failure of the manager: trouble with the model's
// file or its input is ours, not the client's, and names of files stay inside.
Error error_for_client(const Error& error);

}  // namespace npu::depth
