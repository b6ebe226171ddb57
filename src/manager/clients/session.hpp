// One client: its requests from frame to reply.
//
// Event loop's thread only. The protocol is docs/reference/protocol.md. A client that said no hello
// is served in lock-step; one with `pipeline` has up to max_in_flight requests at once.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "base/unix_socket.hpp"
#include "broker/types.hpp"
#include "manager/clients/announcements.hpp"
#include "manager/clients/connection.hpp"
#include "manager/clients/features.hpp"
#include "manager/clients/intake.hpp"
#include "manager/clients/reply.hpp"
#include "manager/clients/request_fields.hpp"
#include "manager/clients/session_host.hpp"

namespace npu::manager {

class Session final : public std::enable_shared_from_this<Session>, private Connection::Owner {
 public:
  // Of the client's user.
  struct Rights {
    bool administrator = false;  // may do what concerns all users
    bool realtime = true;        // may go before them
  };
  // What it wants to be told of, if anything (Feature::kEvents).
  struct Events {
    bool device = true;
    bool model = true;
    bool request = true;  // an administrator
  };
  Session(broker::ConnectionId id, WatchedFd socket, const PeerCredentials& peer, Rights rights,
          Admission admission, SessionHost& host);

  broker::ConnectionId id() const { return id_; }
  Connection& connection() { return connection_; }
  uid_t user() const { return peer_.uid; }
  bool watches_requests() const { return rights_.administrator && events_.request; }
  std::size_t in_flight() const { return in_flight_; }
  // What the client calls a request that is under way, serialised; "" for nothing.
  std::string_view request_id(broker::RequestId request) const;

  // From the broker; must not call it.
  void completed(broker::RequestId request, broker::Outcome outcome);
  void event(broker::RequestId request, InferEvent&& event);
  // What it was not asked for; after SessionHost::subscribe().
  void announce_device(const boost::json::object& event);
  void announce_model(const std::string& key, const boost::json::object& event);
  void announce_step(const boost::json::object& event);
  // At the end of a turn in which touch() was called for this session.
  void settle();
  // No more requests are taken; closes when what was asked is answered.
  void finish();

 private:
  // Several unloads that make one reply.
  struct UnloadGroup {
    std::size_t left = 0;
    bool any = false;
    std::optional<Error> error;
  };
  struct Pending {
    std::string request_id;
    std::string type;
    std::string path;
    std::string listed_as;  // its path in a status, of a load
    bool stream = false;
    std::string_view warning;  // for the reply; lives for ever
    std::optional<OutputPlace> output;
    std::weak_ptr<InferWork> work;  // with `output`
    std::shared_ptr<UnloadGroup> unload;
    PayloadBudget::Share share;
  };
  // Of replies before no more requests are taken; of events, of which there is no other bound,
  // before the connection is closed.
  static constexpr std::size_t kMaxUnread = std::size_t{64} << 20;

  struct IntakeJob;
  struct ReplyJob;

  // Connection::Owner
  std::shared_ptr<void> keep_alive() override { return shared_from_this(); }
  bool ready_for_frame() const override;
  bool idle() const override { return in_flight_ == 0 && refusals_.empty() && !parsing_; }
  void on_frame(InFrame frame) override;
  void on_unreceivable(const Error& error) override;
  void on_closed() override;
  void on_settled() override;
  void attend_later() override;

  Result<RegionPtr> take_slab(std::size_t bytes);
  void take_in_elsewhere(InFrame frame, IntakeSource source);
  void handle(Result<Intake> intake, InFrame frame);
  void dispatch(std::string_view action, Intake& intake, InFrame frame);

  // session_actions.cpp
  void hello(const boost::json::object& body, const std::string& request_id);
  void shm_register(const boost::json::object& body, const std::string& request_id,
                    std::optional<Result<CountedFd>> passed);
  void shm_unregister(const boost::json::object& body, const std::string& request_id);
  void cancel(const std::string& id_to_cancel, const std::string& request_id);

  // session_requests.cpp
  void load_model(const boost::json::object& body, Pending pending);
  void infer(Intake& intake, Pending pending, std::size_t payload_bytes);
  void unload_model(const boost::json::object& body, Pending pending);
  Result<broker::ModelSpec> find_model(const ModelFields& fields);
  Result<std::optional<OutputPlace>> output_place(const boost::json::object& body) const;
  void serve_as_permitted(PolicyFields& policy, Pending& pending);
  Status check_request_id(const std::string& request_id) const;
  broker::Request request_of(broker::RequestKind kind, broker::ModelSpec model,
                             const PolicyFields& policy) const;
  void submit(broker::Request request, Pending pending);

  // session_outcomes.cpp
  void conclude(broker::RequestId request, broker::Outcome outcome);
  void send_event(const Pending& pending, boost::json::object event);
  void reply_failure(const Pending& pending, Error error);
  void reply_infer(Pending pending, std::shared_ptr<InferResult> result);
  void reply_load(const Pending& pending, const broker::Outcome& outcome);
  void reply_unload(const Pending& pending, const broker::Outcome& outcome);
  void end_request(const std::string& request_id);
  void send_announcements();

  void reply(boost::json::object body, const std::string& request_id);
  void reply_error(const Error& error, const std::string& request_id);
  void send_refusals();
  void send_refusals_after(Duration wait);
  void send_first_refusal();
  void reply_no_device(Error why, const std::string& request_id);
  void send_or_close(Result<OutMessage> message, const std::string& request_id);
  std::size_t max_in_flight() const;

  broker::ConnectionId id_;
  PeerCredentials peer_;
  Rights rights_;
  std::string name_;  // as the broker and the log know the client
  SessionHost& host_;
  Connection connection_;
  ReplyStyle style_;
  FeatureSet features_;
  Events events_;
  std::uint64_t frames_ = 0;
  bool realtime_denied_ = false;  // and logged
  bool parsing_ = false;
  bool finishing_ = false;
  std::size_t in_flight_ = 0;               // requests whose reply is not handed to the socket yet
  std::vector<std::string> in_flight_ids_;  // with `pipeline`
  std::size_t largest_reply_ = 0;           // so far
  std::size_t unread_events_ = 0;           // bytes, at most
  Announcements announcements_;             // not sent yet
  std::unordered_map<broker::RequestId, Pending> pending_;
  RegionTable regions_;
  std::int64_t last_region_ = 0;
  std::deque<OutMessage> refusals_;  // not sent yet; in flight, as far as the client is concerned
  boost::asio::steady_timer refusal_timer_;
};

}  // namespace npu::manager
