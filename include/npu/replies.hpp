// What the device manager answers to calls that are no inferences, as types, and beside them as
// the JSON that came (docs/reference/protocol.md section 5).
//
// Everything is owned by value. The manager may be older or newer than this library: what it does
// not say, or says in another way, is absent, "" or 0 here, and what this library does not know is
// in `json`. Of lists no more than kMaxListed entries are read; the others count as left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/tensor.hpp>

namespace npu {

inline constexpr std::size_t kMaxListed = 4096;

struct ListedModel {
  std::string type;
  std::string path;
  std::optional<double> loaded_at;  // seconds since 1970
  std::optional<double> last_used;  // the same
};

// A model that is not loaded for a while, as it has ended its worker.
struct RefusedModel {
  std::string type;
  std::string path;
  std::string reason;       // text for people
  double seconds_left = 0;  // until it may be loaded again
};

// The last time that a model found no room.
struct CapacityEvent {
  std::string reason;
  std::string model;
  double at = 0;  // seconds since 1970
};

// Of ping and status.
struct ManagerStatus {
  std::optional<std::string> device_id;  // absent: the manager has no device
  // In the order of loading. Absent where the manager does not list them.
  std::optional<std::vector<ListedModel>> models;
  std::size_t models_left_out = 0;
  std::vector<RefusedModel> refused;
  std::size_t refused_left_out = 0;
  std::optional<double> uptime_seconds;
  std::optional<std::uint64_t> queue_depth;  // requests in the manager, this one included
  std::optional<std::uint64_t> evictions;    // since it was started
  std::string socket_path;
  std::optional<std::string> broken_reason;  // what is wrong, while it lasts; text for people
  std::optional<CapacityEvent> last_capacity_event;
  boost::json::object json;

  static ManagerStatus from(boost::json::object reply);
};

// Of device_status, which fails where there is no device.
struct DeviceStatus {
  std::string id;
  std::string architecture;
  std::string firmware;
  std::string confinement;  // how far workers are: "files and system calls"; empty: not said
  std::optional<double> temperature_celsius;
  boost::json::object json;

  static DeviceStatus from(boost::json::object reply);
};

// Of load_model.
struct LoadedModel {
  std::string message;    // "Model loaded", "Model already loaded"
  std::string listed_as;  // its path in ManagerStatus::models; "": as it was asked for
  // What picture the model takes: height, width, channels. Empty where the manager does not say.
  Shape input_shape;
  // How it wants it fitted, as far as that is known: "letterbox", "corner" or "stretch", and the
  // value beside the picture, 0..255.
  std::string fit;
  std::optional<int> padding;
  std::vector<TensorSpec> outputs;  // without batch. Empty where the manager does not say
  std::string head;                 // which post-processing they want; "": not known
  // What its classes are called: a set's name ("coco80"), or the names in their order.
  std::string label_set;
  std::vector<std::string> labels;
  std::string warning;  // what of the request was not granted; mostly ""
  boost::json::object json;

  static LoadedModel from(boost::json::object reply);
};

// Of unload_model.
struct UnloadedModel {
  std::string message;  // "Model unloaded", "Model was not loaded"
  boost::json::object json;

  static UnloadedModel from(boost::json::object reply);
};

}  // namespace npu
