// What one client is still to be told without having asked for it (docs/adr/0026).
//
// Bounded, for a client that reads slowly: of a state the latest is told, and what was said of it
// before and not taken yet is not; of the steps of requests those are lost that do not fit, and
// their number is told.
//
// Event loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include <boost/json.hpp>

namespace npu::manager {

class Announcements {
 public:
  static constexpr std::size_t kMostModels = 64;  // of different ones; then that some have changed
  static constexpr std::size_t kMostSteps = 256;

  void device(boost::json::object event);
  // name: one for each model.
  void model(std::string name, boost::json::object event);
  void step(boost::json::object event);

  bool empty() const {
    return !device_ && models_.empty() && !many_models_ && steps_.empty() && missed_ == 0;
  }
  // Of what there is: the device first, then models, then steps in their order.
  boost::json::object next();

 private:
  std::optional<boost::json::object> device_;
  std::map<std::string, boost::json::object> models_;
  bool many_models_ = false;  // instead of all of them
  std::deque<boost::json::object> steps_;
  std::uint64_t missed_ = 0;  // after the last of them
};

}  // namespace npu::manager
