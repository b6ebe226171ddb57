// The calls of DeviceClient: waiting, connecting, matching replies, repeating. Everything happens
// on one strand.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <npu/client_types.hpp>

#include "client/allocate.hpp"
#include "client/arena.hpp"
#include "client/async_link.hpp"
#include "client/call.hpp"
#include "client/connect.hpp"
#include "client/session.hpp"

namespace npu::client {

// Coroutines that await a call hold the core weakly.
class AsyncCore : public std::enable_shared_from_this<AsyncCore> {
 public:
  AsyncCore(const boost::asio::any_io_executor& executor, ClientOptions options);
  // Frames of coroutines that still wait are destroyed, not resumed.
  ~AsyncCore();

  // Any thread.
  Arena& arena() { return arena_; }
  const Strand& strand() const { return strand_; }
  static boost::asio::awaitable<Result<Reply>> run(std::weak_ptr<AsyncCore> core,
                                                   std::shared_ptr<Call> call);
  static boost::asio::awaitable<Result<std::optional<boost::json::object>>> next(
      std::weak_ptr<AsyncCore> core, std::shared_ptr<Call> call);

  // On the strand.
  void cancel(const std::shared_ptr<Call>& call);
  void watch(EventHook hook, bool requests);
  void close();

 private:
  // What the manager owes an answer for.
  struct OnWire {
    std::shared_ptr<Call> call;      // null: nobody waits for it any more
    std::shared_ptr<Block> output;   // written by the manager until the answer
    std::shared_ptr<Region> region;  // it is the registration of this one
  };

  std::deque<std::shared_ptr<Call>> all_calls() const;
  void begin(const std::shared_ptr<Call>& call);
  void begin_next(const std::shared_ptr<Call>& call);
  void end_early(const std::shared_ptr<Call>& call, ErrorCode why, const std::string& message);
  void finish(const std::shared_ptr<Call>& call, Result<Reply> result);

  void pump();
  bool submit(const std::shared_ptr<Call>& call);
  std::size_t max_on_wire() const;

  void connect();
  void connect_failed(const Error& error);
  void received(wire::Buffer payload);
  void greeted(const Incoming& reply);
  void tell(const boost::json::object& event);
  void event_came(Incoming event);
  void reply_came(Incoming reply);
  void broken(const Error& error, bool lost);
  void settle_lost(const std::shared_ptr<Call>& call, const Error& error, bool lost, bool sent);
  void drop_link();

  const ClientOptions options_;
  const std::string socket_path_;
  Strand strand_;
  Arena arena_;
  const wire::BufferSource memory_ = reused_memory();
  OutputSizes sizes_;

  EventHook watcher_;  // while there is one, the connection is wanted by itself
  bool watches_requests_ = false;

  std::deque<std::shared_ptr<Call>> waiting_;
  std::map<std::uint64_t, OnWire> on_wire_;
  std::shared_ptr<AsyncLink> link_;
  std::optional<Session> session_;
  bool greeting_ = false;
  bool registering_ = false;
  std::uint64_t next_id_ = 1;

  Backoff backoff_;
  boost::asio::steady_timer retry_timer_;
  bool retry_armed_ = false;
};

}  // namespace npu::client
