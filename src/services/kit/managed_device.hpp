// The device manager as the models of one service share it: the connection, and what the manager
// tells by itself (docs/adr/0026).
//
//   auto device = std::make_shared<ManagedDevice>(executor, options);
//   device->watch([&] { keeper.look(); });                          // before the first call
//   host.in_background([&] { return device->keep_watching(); });
//
// Used on the event loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/fwd.hpp>

#include <npu/client.hpp>

namespace npu::kit {

using boost::asio::awaitable;

struct WatchPauses {
  // Between questions whether the manager still answers: a hung one says nothing. Each wakes a
  // processor three times, with as many services as there are.
  Millis heartbeat = std::chrono::seconds(15);
  Millis answer = std::chrono::seconds(2);  // that this takes at most
  // Between looks at a manager that is too old to tell what changes.
  Millis look = std::chrono::seconds(1);
};

class ManagedDevice : public std::enable_shared_from_this<ManagedDevice> {
 public:
  ManagedDevice(boost::asio::any_io_executor executor, ClientOptions options,
                WatchPauses pauses = {});

  DeviceClient& client() { return client_; }

  // From now on the client stays connected, and `changed` is called whenever what was loaded may be
  // gone, and what was not there may be back: a status tells which.
  void watch(std::function<void()> changed);
  // What no event tells. Until cancelled.
  awaitable<void> keep_watching();

  // How often the manager went away, was restarted or hung so far. What was loaded before that may
  // be gone.
  std::uint64_t losses() const { return losses_; }
  const Error& last_loss() const { return last_loss_; }

 private:
  void event_came(const boost::json::object& event);
  void lost(std::string why);

  WatchPauses pauses_;
  boost::asio::steady_timer timer_;
  std::function<void()> changed_;
  bool connected_ = false;
  bool tells_ = false;  // the manager grants `events`
  bool hangs_ = false;
  std::uint64_t losses_ = 0;
  Error last_loss_{ErrorCode::kUnavailable, {}};
  DeviceClient client_;
};

}  // namespace npu::kit
