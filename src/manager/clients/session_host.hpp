// What a session uses of the manager.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "broker/types.hpp"
#include "manager/clients/codec_pool.hpp"
#include "manager/clients/connection.hpp"
#include "manager/clients/loop_turns.hpp"
#include "manager/clients/refusal_pace.hpp"
#include "manager/memory/payload_budget.hpp"
#include "manager/memory/region.hpp"
#include "manager/memory/slab_pool.hpp"
#include "manager/models/model_table.hpp"
#include "manager/settings/config.hpp"

namespace npu::manager {

class Session;

class SessionHost {
 public:
  virtual ~SessionHost() = default;

  virtual boost::asio::io_context& io() = 0;
  virtual const Config& config() const = 0;
  virtual const Clock& clock() const = 0;
  virtual CodecPool& codec() = 0;
  virtual SlabPool& slabs() = 0;
  virtual RegionRegistry& regions() = 0;
  virtual PayloadBudget& budget() = 0;
  virtual RefusalPace& refusals() = 0;
  virtual LoopTurns& turns() = 0;
  // Why no request for a model can be taken now: kUnavailable, kVersionMismatch.
  virtual Status device_ready() = 0;
  virtual ModelTable& models() = 0;  // once device_ready()

  // The outcome comes through Session::completed. Not to be called from there.
  virtual Result<broker::RequestId> submit(broker::Request request) = 0;
  virtual bool cancel(broker::RequestId request) = 0;

  // Payloads of the actions; asking: how many askers count as being in the queue.
  virtual boost::json::object status(std::size_t asking) = 0;
  virtual boost::json::object device_status(std::size_t asking) = 0;

  // The session is told of events from now on, and at once how things stand.
  virtual void subscribe(Session& session) = 0;

  // Session::settle() is called at the end of this turn of the event loop.
  virtual void touch(std::shared_ptr<Session> session) = 0;
  virtual void settle() = 0;
  virtual void closed(Session& session) = 0;
};

}  // namespace npu::manager
