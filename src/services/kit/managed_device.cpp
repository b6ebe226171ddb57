#include "services/kit/managed_device.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include "json/fields.hpp"

namespace npu::kit {
namespace asio = boost::asio;
namespace {

constexpr ErrorCode kNoAnswer = ErrorCode::kDeadlineExceeded;

}  // namespace

ManagedDevice::ManagedDevice(asio::any_io_executor executor, ClientOptions options,
                             WatchPauses pauses)
    : pauses_(pauses), timer_(executor), client_(executor, std::move(options)) {}

void ManagedDevice::watch(std::function<void()> changed) {
  changed_ = std::move(changed);
  client_.on_event([weak = weak_from_this()](const boost::json::object& event) {
    if (const auto self = weak.lock()) self->event_came(event);
  });
}

void ManagedDevice::event_came(const boost::json::object& event) {
  npu::json::Fields in(event);
  const auto what = in.text("event").value_or("");
  const auto state = in.text("state").value_or("");
  if (what == "manager") {
    connected_ = state == "connected";
    hangs_ = false;
    tells_ = connected_ && in.flag("events").value_or(false);
    timer_.cancel();
    if (!connected_) return lost(std::string(in.text("reason").value_or("")));
  }
  if (what == "model" && state == "loaded") return;  // nothing is gone by that
  changed_();
}

void ManagedDevice::lost(std::string why) {
  ++losses_;
  last_loss_.message = std::move(why);
  changed_();
}

awaitable<void> ManagedDevice::keep_watching() {
  for (;;) {
    timer_.expires_after(tells_ ? pauses_.heartbeat : pauses_.look);
    const auto [told] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (told || !connected_) continue;
    if (!tells_) {
      changed_();
      continue;
    }
    CallOptions call;
    call.timeout = pauses_.answer;
    const auto alive = co_await client_.ping(call);
    const bool hung = std::exchange(hangs_, !alive && alive.error().code == kNoAnswer);
    if (hangs_ && !hung) lost("the device manager does not answer");
  }
}

}  // namespace npu::kit
