// The broker's payloads (broker/payloads.hpp): what rides along inside its requests and reports,
// between sessions and workers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "broker/payloads.hpp"
#include "manager/memory/region.hpp"
#include "store/opened_file.hpp"

namespace npu::manager {

// The part of a client's region that it named for a result.
struct OutputPlace {
  RegionPtr region;
  std::int64_t client_region = 0;
  std::size_t offset = 0;
  std::size_t size = 0;
};

}  // namespace npu::manager

namespace npu::broker {

// ModelSpec::load.
struct LoadOrder {
  std::string params;  // model_params, serialised
  // In the order of the family's plan. Open as long as the model may be loaded again, so that every
  // load is one of the same files.
  std::vector<std::shared_ptr<store::OpenedFile>> files;
  std::vector<boost::json::object> descriptions;  // what somebody said of each of them
};

// Request::work. Lives until no worker can touch its memory any more.
struct InferWork {
  InferWork() = default;
  InferWork(const InferWork&) = delete;
  InferWork& operator=(const InferWork&) = delete;
  ~InferWork() {
    if (when_released) when_released();
  }

  manager::ClientQuota::Client client;      // whose slab the result may take
  std::string input;                        // input_data, serialised; tensors by number
  std::vector<manager::RegionPtr> regions;  // what the input names, kept until no worker needs it
  std::optional<manager::OutputPlace> output;
  bool stream = false;
  std::function<void()> when_released;  // must not call the broker
};

// As the worker sends it.
struct InferEvent {
  boost::json::object value;
};

// Outcome::result. Tensors in `result` lie in `region`, or in the place that the client named, by
// number (0 too means `region`).
struct InferResult {
  boost::json::value result;
  double inference_ms = 0;
  manager::RegionPtr region;
};

// Outcome::loaded: what the reply to a load says besides.
struct LoadResult {
  boost::json::object info;
};

}  // namespace npu::broker

namespace npu::manager {

using broker::InferEvent;
using broker::InferResult;
using broker::InferWork;
using broker::LoadOrder;
using broker::LoadResult;

}  // namespace npu::manager
