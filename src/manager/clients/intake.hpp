// Reads one frame: JSON, and for an inference its tensors, which end up in shared memory.
//
// Touches no state of the event loop but what it is given: a codec thread may run it while nothing
// else of that connection runs.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "manager/memory/region.hpp"
#include "wire/frame.hpp"

namespace npu::manager {

using RegionTable = std::unordered_map<std::int64_t, RegionPtr>;  // by the client's number

struct IntakeSource {
  wire::Buffer payload;
  RegionPtr payload_slab;  // set where the payload was received into a slab, from its first byte on
  wire::Layout layout = wire::Layout::kJson;
  const RegionTable* regions = nullptr;  // null: `shm` was not granted
  std::stop_token stop = {};             // of the work as a whole
  boost::json::storage_ptr memory = {};  // of Intake::body
  // A slab of at least so many bytes. Called at most once.
  std::function<Result<RegionPtr>(std::size_t bytes)> take_slab;
};

struct Intake {
  boost::json::object body;        // without an inference's input_data
  std::string request_id;          // serialised, "" if it is absent or null
  std::string id_to_cancel;        // likewise
  std::string input;               // that input_data, serialised, tensors by RegionNumber
  bool has_input = false;          // body had an input_data that was not null
  std::vector<RegionPtr> regions;  // what the input names
  Status sound;                    // failed: good for an answer with this error only
  Status tensors;                  // what was wrong with a tensor or with input_data
};

// Upper bound of the slab that a frame needs, from its size alone.
constexpr std::size_t slab_bound(std::size_t payload_bytes) { return payload_bytes + 64; }

// Of frames with more JSON than this nothing is kept but what the request needs, and they are
// taken in on a codec thread.
constexpr std::size_t kInlineJson = std::size_t{16} << 10;

// Bytes of JSON in the payload, which is what costs time.
std::size_t json_bytes(std::span<const std::byte> payload, wire::Layout layout);

// Fails as wire::parse_request does.
Result<Intake> take_in(const IntakeSource& source);

}  // namespace npu::manager
