// The `load` message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "device/device.hpp"
#include "families/family.hpp"
#include "worker/link.hpp"

namespace npu::worker {

// A file of the load, and what it was when the manager opened it; without `opened` it is to be
// opened by its path (a model of the simulated device that needs no file).
struct OrderedFile {
  struct Opened {
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;  // nanoseconds since 1970
  };
  std::string path;
  std::optional<Opened> opened;
};

struct LoadJob {
  JobId job = 0;
  std::string model;  // the manager's key
  std::string type;
  std::vector<OrderedFile> files;
  families::LoadRequest request;  // its files are those, with descriptors once they are given
};

// kMalformed where the message is not one.
Result<LoadJob> parse_load(const boost::json::object& message);

// Gives each opened file its descriptor; they are borrowed. kMalformed where the numbers differ.
Status use_descriptors(LoadJob& job, std::span<const UniqueFd> descriptors);

struct LoadedModel {
  std::unique_ptr<families::FamilyModel> model;
  std::uint64_t memory_bytes = 0;  // what the device's readings grew by, 0 if it has none
};

// kMalformed too where a file was changed since the manager opened it.
Result<LoadedModel> run_load(const LoadJob& job, device::Device& device,
                             device::RunContext& context);

}  // namespace npu::worker
