// Who is told what changes without having asked (docs/adr/0026), in the words of protocol.md
// section 8.
//
// Event loop's thread only. A session is removed before it ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "broker/snapshot.hpp"
#include "broker/types.hpp"

namespace npu::manager {

class Session;

class EventFeed {
 public:
  // It is told at once how things stand.
  void add(Session& session, boost::json::object device,
           const std::vector<broker::ModelStatus>& models);
  void remove(const Session& session);
  bool empty() const { return listeners_.empty(); }

  // How the device is; told where it is not what was told last.
  void device(boost::json::object event);
  void model(const broker::ModelSpec& model, bool is_loaded);
  // Of requests, to administrators. state: "queued", "started" or "ended", which has an outcome.
  void step(std::string_view state, broker::RequestId id, const broker::Request& request,
            WallTime at, const broker::Outcome* outcome = nullptr);

 private:
  std::vector<Session*> listeners_;
  std::vector<Session*> watchers_;  // of these, those who watch requests
  boost::json::object device_told_;
};

// id: of the device that there is. wrong: with it or with a worker.
boost::json::object device_event(std::optional<std::string_view> id,
                                 const std::optional<std::string>& wrong);

}  // namespace npu::manager
