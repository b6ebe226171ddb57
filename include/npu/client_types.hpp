// What goes into and comes out of calls to the device manager. docs/reference/protocol.md sections
// 4 to 6 say what the fields mean to the manager.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include <npu/client_tensor.hpp>
#include <npu/priority.hpp>
#include <npu/result.hpp>

namespace npu {

struct ClientOptions {
  // Empty: the environment's HAILO_DEVICE_SOCKET, else /run/hailo/device.sock.
  std::string socket_path;
  // 1..64 printable ASCII characters; with the process's user the identity for fair sharing.
  std::string name = "npu-client";
  // What to ask the manager for. Without `hello` the client speaks protocol version 1.
  bool hello = true;
  bool shm = true;
  bool tail = true;
  bool pipeline = true;
  // For calls that do not say their own. Here and below, more than a day counts as a day.
  Millis timeout{30'000};
  // How long a call waits for a manager that is not there, with growing pauses between attempts to
  // connect; never beyond its own deadline. 0: one attempt.
  Millis connect_patience{2'000};
  // Limit of every message, sent or received. A client keeps up to 32 MiB for the large ones.
  std::size_t max_message_bytes = std::size_t{64} << 20;
  // Limit of the shared memory held for tensors; above it tensors live on the heap and are copied.
  std::size_t max_shared_bytes = std::size_t{512} << 20;
};

struct CallOptions {
  // From the call to its completion, waiting for the connection included; also sent to the manager.
  std::optional<Millis> timeout = std::nullopt;
  std::optional<Priority> priority = std::nullopt;
  // Seconds that the model stays after its last use; negative: for ever.
  std::optional<double> keep_alive = std::nullopt;
  std::optional<bool> pin = std::nullopt;
  // infer: bytes of shared memory to reserve for the result, each tensor rounded up to 64 bytes.
  // Absent: what the model's largest result so far took. A hint: a result that does not fit is
  // asked for again without the reservation.
  std::optional<std::size_t> output_bytes = std::nullopt;
  // Blocking calls only: ends the call with kCancelled. Coroutines use Asio's cancellation.
  std::stop_token stop = {};
};

struct ModelRef {
  std::string path;
  std::string type = "vlm";
  // Absent: those last given for this type and path.
  std::optional<boost::json::object> params = std::nullopt;
};

// The input_data of a request.
//
//   InferInput().tensor("input", image)
//   InferInput().field("prompt", "What is this?").tensors("frames", {frame})
class InferInput {
 public:
  struct TensorField {
    std::string name;
    std::vector<ClientTensor> tensors;
    bool list = false;
  };

  InferInput& field(std::string_view name, boost::json::value value) {
    fields_[name] = std::move(value);
    return *this;
  }
  InferInput& tensor(std::string name, ClientTensor value) {
    tensors_.push_back({std::move(name), {std::move(value)}, false});
    return *this;
  }
  InferInput& tensors(std::string name, std::vector<ClientTensor> values) {
    tensors_.push_back({std::move(name), std::move(values), true});
    return *this;
  }

  const boost::json::object& json_fields() const { return fields_; }
  const std::vector<TensorField>& tensor_fields() const { return tensors_; }

 private:
  boost::json::object fields_;
  std::vector<TensorField> tensors_;
};

// What a generation that was asked for with the field `details` tells (docs/reference/protocol.md,
// section 6).
struct GenerationResult {
  std::string text;
  std::string stop_reason;                 // "stop" or "length"
  std::optional<std::string> stop_string;  // the one that ended the text
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;  // of them, those that a kept conversation held
  std::int64_t tokens = 0;
  std::optional<Millis> first_token;  // from the begin on the device; none without a token
  Millis generation{};                // from there to the end
  Millis total{};
  // The number of the conversation, for the field `context` of its next turn on the same
  // connection; where it was asked for with `keep_context`.
  std::optional<std::int64_t> context;
  std::vector<std::string> ignored;  // fields that have no effect on this device
};

struct InferResult {
  // The result; in the place of each tensor stands {"dtype", "shape", "tensor": index}.
  boost::json::value value;
  std::vector<ClientTensor> tensors;
  std::int64_t inference_time_ms = 0;

  // The result where it is one tensor. kInvalidArgument where it is something else.
  Result<ClientTensor> tensor() const;
  // The tensor under a key of a result that is an object.
  Result<ClientTensor> tensor(std::string_view name) const;
  // The text of a result that is a string, or of a generation.
  Result<std::string> text() const;
  // kInvalidArgument where the result is no generation with details.
  Result<GenerationResult> generation() const;
};

// What the manager said about itself when the connection was made.
struct ServerInfo {
  std::string server;  // "" with a manager that speaks version 1 only
  bool shm = false;
  bool tail = false;
  bool stream = false;
  bool pipeline = false;
  bool cancel = false;
  bool events = false;
  std::size_t max_message_bytes = 0;
  std::size_t max_regions = 0;
  std::size_t max_region_bytes = 0;
  std::size_t max_in_flight = 1;
};

// Of DeviceClient::on_event().
using EventHook = std::function<void(const boost::json::object& event)>;

// The socket that these options mean.
std::string socket_path_of(const ClientOptions& options);

}  // namespace npu
