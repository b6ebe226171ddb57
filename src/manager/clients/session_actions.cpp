// Session: the actions that the manager answers by itself.
#include "manager/clients/session.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/version.hpp"
#include "json/fields.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxClientName = 64;

Error not_granted(std::string_view feature) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("the feature {} was not granted; ask for it in the hello", feature)};
}

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxClientName &&
         std::ranges::all_of(name, [](char c) { return c >= ' ' && c < 0x7f; });
}

Result<FeatureSet> requested_features(const json::object& body) {
  FeatureSet set;
  const auto* features = npu::json::Fields(body).find("features");
  if (features == nullptr) return set;
  const auto* list = features->if_array();
  if (list == nullptr) return fail(ErrorCode::kInvalidArgument, "features must be a list of names");
  for (const auto& name : *list) {
    if (!name.is_string())
      return fail(ErrorCode::kInvalidArgument, "features must be a list of names");
    set.add(std::string_view(name.get_string()));
  }
  return set;
}

// Those that are named; all where the hello does not say.
Result<Session::Events> requested_events(const json::object& body) {
  npu::json::Fields in(body);
  const auto* list = in.list("events");
  if (!in.status()) return fail(in.status().error());
  if (list == nullptr) return Session::Events{};
  const auto named = [list](std::string_view event) {
    return std::ranges::any_of(*list, [event](const json::value& name) {
      return name.is_string() && name.get_string() == event;
    });
  };
  return Session::Events{named("device"), named("model"), named("request")};
}

}  // namespace

void Session::hello(const json::object& body, const std::string& request_id) {
  if (frames_ != 1) {
    return reply_error({ErrorCode::kInvalidArgument, "hello must be the first message"},
                       request_id);
  }
  const std::string_view name = npu::json::Fields(body).text("client").value_or("");
  if (!good_name(name)) {
    return reply_error(
        {ErrorCode::kInvalidArgument, "client must be 1 to 64 printable ASCII characters"},
        request_id);
  }
  auto features = requested_features(body);
  if (!features) return reply_error(features.error(), request_id);
  const auto events = requested_events(body);
  if (!events) return reply_error(events.error(), request_id);
  const Config& config = host_.config();
  features_ = *features;
  events_ = *events;
  name_ = fmt::format("{}:{}", peer_.uid, name);
  log::debug("client {} ({}): connection {}", name_, peer_.pid, id_);
  reply({{"status", "ok"},
         {"protocol", 1},
         {"server", "hailo-device-manager " + version()},
         {"features", features_.names()},
         {"limits",
          {{"max_message_bytes", config.max_message_bytes},
           {"max_regions", config.max_regions},
           {"max_region_bytes", config.max_region_bytes},
           {"max_in_flight", config.max_in_flight}}}},
        request_id);
  style_.with_code = true;
  if (features_.has(Feature::kTail)) {
    style_.layout = wire::Layout::kTail;
    connection_.receive_into_slabs();
  }
  if (features_.has(Feature::kEvents)) host_.subscribe(*this);
}

void Session::shm_register(const json::object& body, const std::string& request_id,
                           std::optional<Result<CountedFd>> passed) {
  if (!features_.has(Feature::kShm)) return reply_error(not_granted("shm"), request_id);
  npu::json::Fields in(body);
  const auto size = in.required({"size"}).count("size");
  if (!in.status()) return reply_error(in.status().error(), request_id);
  if (!passed) {
    return reply_error({ErrorCode::kInvalidArgument, "shm_register needs one attached descriptor"},
                       request_id);
  }
  if (!*passed) return reply_error(passed->error(), request_id);
  auto hold = connection_.client().take({{Held::kRegions}, {Held::kRegionBytes, *size}});
  if (!hold) return reply_error(hold.error(), request_id);
  hold->merge(std::move((*passed)->hold));
  auto memory =
      SharedMemory::adopt(std::move((*passed)->fd.owned()), *size, host_.config().max_region_bytes);
  if (!memory) return reply_error(memory.error(), request_id);
  regions_.emplace(++last_region_, host_.regions().add(std::move(*memory), std::move(*hold)));
  reply({{"status", "ok"}, {"region", last_region_}}, request_id);
}

void Session::shm_unregister(const json::object& body, const std::string& request_id) {
  if (!features_.has(Feature::kShm)) return reply_error(not_granted("shm"), request_id);
  npu::json::Fields in(body);
  const auto number = in.required({"region"}).count("region");
  if (!in.status()) return reply_error(in.status().error(), request_id);
  const auto found = regions_.find(static_cast<std::int64_t>(*number));
  if (found == regions_.end()) {
    return reply_error({ErrorCode::kNotFound, fmt::format("there is no region {}", *number)},
                       request_id);
  }
  regions_.erase(found);
  reply({{"status", "ok"}}, request_id);
}

void Session::cancel(const std::string& id_to_cancel, const std::string& request_id) {
  if (!features_.has(Feature::kCancel)) return reply_error(not_granted("cancel"), request_id);
  if (id_to_cancel.empty()) {
    return reply_error({ErrorCode::kInvalidArgument, "request_id_to_cancel required"}, request_id);
  }
  // Several where an unload is of several variants. To cancel one may conclude it.
  std::vector<broker::RequestId> named;
  for (const auto& [request, pending] : pending_) {
    if (pending.request_id == id_to_cancel) named.push_back(request);
  }
  bool cancelled = false;
  for (const broker::RequestId request : named) cancelled = host_.cancel(request) || cancelled;
  reply({{"status", "ok"}, {"cancelled", cancelled}}, request_id);
}

}  // namespace npu::manager
