// What rides along inside the broker's requests, between sessions and workers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "manager/region.hpp"
#include "store/opened_file.hpp"

namespace npu::manager {

// broker::ModelSpec::load: what a worker needs to load the model.
struct LoadOrder {
  std::string params;  // model_params, serialised
  // In the order of the family's plan. Open as long as the model may be loaded again, so that every
  // load is one of the same files.
  std::vector<std::shared_ptr<store::OpenedFile>> files;
};

// The part of a client's region that it named for a result.
struct OutputPlace {
  RegionPtr region;
  std::int64_t client_region = 0;
  std::size_t offset = 0;
  std::size_t size = 0;
};

// broker::Request::work of an inference. Lives until no worker can touch its memory any more.
struct InferWork {
  InferWork() = default;
  InferWork(const InferWork&) = delete;
  InferWork& operator=(const InferWork&) = delete;
  ~InferWork() {
    if (when_released) when_released();
  }

  ClientQuota::Client client;      // whose slab the result may take
  std::string input;               // input_data, serialised; tensors by RegionNumber
  std::vector<RegionPtr> regions;  // what the input names, kept until no worker needs it
  std::optional<OutputPlace> output;
  bool stream = false;
  std::function<void()> when_released;  // must not call the broker
};

// broker::Outcome::result of an inference. Tensors in `result` lie in `region`, or in the place
// that the client named, by RegionNumber (0 too means `region`).
struct InferResult {
  boost::json::value result;
  double inference_ms = 0;
  RegionPtr region;
};

// broker::Outcome::result of a load.
struct LoadResult {
  boost::json::object info;
};

}  // namespace npu::manager
