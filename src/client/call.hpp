// One call of DeviceClient on its way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "client/reply.hpp"
#include "client/request.hpp"
#include "client/session.hpp"

namespace npu::client {

// Touched on the core's strand only, but for `request` before begin() and `end` after the end.
struct Call {
  enum class Stage { kWaiting, kOnWire, kDone };

  Request request;
  SteadyTime deadline{};  // of the whole call
  SteadyTime patience{};  // of waiting for a manager
  std::optional<boost::asio::steady_timer> timer;
  Stage stage = Stage::kWaiting;

  std::optional<Prepared> prepared;  // for the present connection
  std::uint64_t id = 0;              // on the present connection
  bool reserve = true;               // room for the result
  bool repeated = false;             // its one repetition after a lost connection is used up

  // Takes the outcome, once. Of a stream: that it is under way, or why not.
  std::function<void(Result<Reply>)> deliver;

  // Streams only.
  std::deque<boost::json::object> events;
  bool had_events = false;
  std::function<void(Result<std::optional<boost::json::object>>)> deliver_next;
  std::optional<Result<Reply>> end;
};

}  // namespace npu::client
