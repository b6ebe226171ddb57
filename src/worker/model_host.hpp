// Does what the manager orders: keeps the models of one worker and handles each message.
//
// A mistake of a client, of a model file or of a library fails one job. A message that the manager
// cannot have meant is an error of handle(), after which the process ends; so is the loss of the
// device (kDeviceLost), of which the manager was told, and after which not even destructors may
// run.
//
// Every call needs the turn. Several infer messages and a load may be handled at a time
// (device.hpp, RunContext::while_waiting), anything else only beside none.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "device/device.hpp"
#include "families/family.hpp"
#include "wire/worker_messages.hpp"
#include "worker/link.hpp"
#include "worker/region_table.hpp"

namespace npu::worker {

class ModelHost {
 public:
  // Both outlive the host. context_bytes: what each generative model may keep of conversations.
  ModelHost(Link& link, device::Device& device,
            std::size_t context_bytes = families::kDefaultContextBytes)
      : link_(link), device_(device), context_bytes_(context_bytes) {}

  Status handle(const wire::ReceivedOrder& message);

 private:
  // json: params of a Load, input of an Infer.
  Status follow(const wire::order::Region& order, const boost::json::object& json);
  Status follow(const wire::order::DropRegion& order, const boost::json::object& json);
  Status follow(const wire::order::File& order, const boost::json::object& json);
  Status follow(const wire::order::Load& order, const boost::json::object& json);
  Status follow(const wire::order::Infer& order, const boost::json::object& json);
  Status follow(const wire::order::Unload& order, const boost::json::object& json);
  Status follow(const wire::order::ReleaseGroup& order, const boost::json::object& json);
  Status follow(const wire::order::Telemetry& order, const boost::json::object& json);
  Status follow(const wire::order::Forget& order, const boost::json::object& json);
  Status follow(const wire::order::Cancel& order, const boost::json::object& json);
  Status done(JobId job, wire::report::Outcome outcome, int descriptor = -1);
  Status failed(JobId job, const Error& error);

  Link& link_;
  device::Device& device_;
  const std::size_t context_bytes_;
  RegionTable regions_;
  std::vector<UniqueFd> opened_;  // of the load that comes next
  std::unordered_map<std::string, std::shared_ptr<families::FamilyModel>> models_;
};

}  // namespace npu::worker
