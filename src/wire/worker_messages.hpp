// The messages between the manager and a worker, both ways (worker_link.md).
//
// encode() gives a whole frame, decode_order() and decode_report() take a payload (frame.hpp). Both
// sides are of one build, but neither takes the other's word for it: a message that is not as
// worker_link.md has it is kMalformed, numbers are small enough to be added up, texts short enough
// to be passed on. Whether an answer is one to what was asked, and whether a region exists, is for
// the caller to see. Texts that are no UTF-8, as devices and files may have them, are sent as such.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json.hpp>

#include <npu/priority.hpp>
#include <npu/result.hpp>

#include "device/device_info.hpp"

namespace npu::wire {

using JobId = std::uint64_t;
using RegionNumber = std::uint64_t;

// Of one message: a client's at its largest, and what the manager writes around it.
inline constexpr std::size_t kMaxWorkerMessage = std::size_t{1} << 30;

// Manager to worker. A descriptor comes with Region and with File.
namespace order {

struct Region {
  RegionNumber region = 0;
  std::size_t bytes = 0;
};
struct DropRegion {
  RegionNumber region = 0;
};
struct File {
  JobId job = 0;
};
// With `opened` the file was opened by the manager and came with a File message before; without it
// is to be opened by its path (a model of the simulated device that needs no file).
struct LoadFile {
  struct Opened {
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;  // nanoseconds since 1970
  };
  std::string path;
  std::optional<Opened> opened;
  // What somebody said of it (description/description_json.hpp); empty: nobody.
  boost::json::object description{};
};
struct Load {  // with model_params
  JobId job = 0;
  std::string model;  // the manager's key
  std::string type;
  std::string path;
  std::vector<LoadFile> files;
};
struct Output {
  RegionNumber region = 0;
  std::size_t offset = 0;
  std::size_t bytes = 0;
  bool strict = false;  // the client named the place: the result may lie nowhere else
};
// Whose request it is: a connection, numbered once, and its user.
struct Asker {
  std::uint64_t client = 0;
  std::uint32_t user = 0;
};
struct Infer {  // with input_data, whose tensors lie in regions
  JobId job = 0;
  std::string model;
  bool stream = false;
  Priority priority = Priority::kInteractive;
  std::optional<Output> output;
  std::optional<Asker> asker;  // where the model may keep something for him
};
struct Unload {
  JobId job = 0;
  std::string model;
};
struct ReleaseGroup {
  JobId job = 0;
};
struct Cancel {
  JobId job = 0;
};
struct Telemetry {
  JobId job = 0;
};
struct Forget {
  std::uint64_t client = 0;
};

}  // namespace order

using Order = std::variant<order::Region, order::DropRegion, order::File, order::Load, order::Infer,
                           order::Unload, order::ReleaseGroup, order::Cancel, order::Telemetry,
                           order::Forget>;

// json: the object that a Load or an Infer goes with, which the manager has as text.
std::string encode(const Order& order, std::string_view json = {});

struct ReceivedOrder {
  Order order;
  boost::json::object json;  // of a Load or an Infer
};
Result<ReceivedOrder> decode_order(std::span<const std::byte> payload);

// Worker to manager.
namespace report {

struct Ready {
  std::string build;
  device::DeviceInfo device;  // as far as it is known: a worker of another build may say it in
                              // another way
};
struct Failed {  // instead of Ready
  Error error;
};
struct Lost {
  Error error;
};
struct RegionFailed {
  RegionNumber region = 0;
  Error error;
};
struct Event {
  JobId job = 0;
  boost::json::object event;
};
struct Progress {
  JobId job = 0;
};

// How a job ended.
struct Finished {};  // Unload, ReleaseGroup
struct Loaded {
  std::uint64_t memory_bytes = 0;  // what the device's readings grew by; 0 if it has none
  boost::json::object info;
};
struct Inferred {
  boost::json::value result;
  double inference_ms = 0;
  std::size_t output_bytes = 0;  // from the beginning of the place to the end of the last tensor
  std::size_t region_bytes = 0;  // of the new region that is attached; 0: none is
};
using Outcome = std::variant<Finished, Error, Loaded, Inferred, device::Telemetry>;
struct Done {
  JobId job = 0;
  Outcome outcome;
};

}  // namespace report

using Report = std::variant<report::Ready, report::Failed, report::Lost, report::RegionFailed,
                            report::Event, report::Progress, report::Done>;

std::string encode(const Report& report);
Result<Report> decode_report(std::span<const std::byte> payload);

}  // namespace npu::wire
