// From an Asio completion handler to a function that may be called on any thread.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace npu::client {

// The function runs the handler, once, on the handler's own executor. on_cancel is called when the
// handler's cancellation slot is triggered before that.
template <class Value, class Handler, class OnCancel>
std::function<void(Value)> deliver_to(Handler handler, const Strand& otherwise,
                                      OnCancel on_cancel) {
  auto executor = boost::asio::get_associated_executor(handler, otherwise);
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign(
        [on_cancel = std::move(on_cancel)](boost::asio::cancellation_type) { on_cancel(); });
  }
  auto shared = std::make_shared<Handler>(std::move(handler));
  return [work = boost::asio::make_work_guard(executor), slot, shared](Value value) mutable {
    boost::asio::post(work.get_executor(), [slot, shared, value = std::move(value)]() mutable {
      if (slot.is_connected()) slot.clear();
      auto handler_once = std::move(*shared);
      handler_once(std::move(value));
    });
    work.reset();
  };
}

}  // namespace npu::client
