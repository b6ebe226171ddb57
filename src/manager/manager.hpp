// The daemon: one event loop that owns the broker, the workers, the clients and their memory.
//
//   Manager manager(config);
//   return manager.run();   // until SIGTERM or SIGINT, or a failed start
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/episode.hpp"
#include "broker/broker.hpp"
#include "broker/lane_health.hpp"
#include "http/server.hpp"
#include "manager/clients/event_feed.hpp"
#include "manager/clients/listener.hpp"
#include "manager/clients/session_host.hpp"
#include "manager/lanes/lanes.hpp"
#include "manager/settings/account_list.hpp"
#include "manager/settings/administrators.hpp"
#include "manager/status/metrics.hpp"
#include "manager/status/readings.hpp"
#include "manager/status/status.hpp"

namespace npu::manager {

class Manager final : private SessionHost, private Lanes::Watcher, private broker::ReplySink {
 public:
  explicit Manager(Config config);
  ~Manager() override;

  // The exit status of the program. Call once.
  int run();

 private:
  enum class Phase { kStarting, kServing, kDraining, kEnding };

  // manager_start.cpp
  Status prepare();
  Status open_doors();
  Status listen();
  void start_http();
  void run_loop();
  void failed_start(const std::string& why);

  // manager_device.cpp
  void open_device();
  void open_device_later();
  Status adopt(const device::DeviceInfo& info);
  void serve_without_device();
  // What is wrong with the device or with a worker, if anything is.
  std::optional<std::string> trouble() const;
  bool is_ready() const;

  // manager_stop.cpp
  void watch_signals();
  void stop();
  void check_drained();
  void end();

  // manager_clients.cpp
  void accept(UniqueFd socket);
  Result<Admission> admit(uid_t user);
  void turn_away(UniqueFd socket, uid_t user, const Error& why);
  void turn_away_at_once(UniqueFd socket);
  void close_turned_away(std::size_t but);  // all but the latest
  bool close_longest_idle(std::optional<uid_t> user);
  void relieve(Held what);
  bool relieve_of(uid_t user, Held what);
  static void close_now(Session& session, std::string_view why);
  void count_closing();

  // manager_events.cpp
  boost::json::object device_now() const;
  void announce_device();

  void housekeeping();
  void arm_broker_timer();
  StatusFacts facts(std::size_t asking) const;
  broker::Snapshot snapshot() const;
  std::string metrics_text();
  void refresh_telemetry();

  // SessionHost
  boost::asio::io_context& io() override { return io_; }
  const Config& config() const override { return config_; }
  const Clock& clock() const override { return clock_; }
  CodecPool& codec() override { return *codec_; }
  SlabPool& slabs() override { return slabs_; }
  RegionRegistry& regions() override { return regions_; }
  PayloadBudget& budget() override { return budget_; }
  RefusalPace& refusals() override { return refusals_; }
  LoopTurns& turns() override { return turns_; }
  Status device_ready() override;
  ModelTable& models() override { return *models_; }
  Result<broker::RequestId> submit(broker::Request request) override;
  bool cancel(broker::RequestId request) override;
  boost::json::object status(std::size_t asking) override;
  boost::json::object device_status(std::size_t asking) override;
  void subscribe(Session& session) override;
  void touch(std::shared_ptr<Session> session) override;
  void settle() override;
  void closed(Session& session) override;

  // Lanes::Watcher
  void worker_up(Lane lane, const device::DeviceInfo& info) override;
  void tell_confinement(const std::string& how);
  void worker_lost(Lane lane, const Error& why) override;
  void worker_stuck(Lane lane, const std::string& reason) override;
  void device_read(const device::Telemetry& readings) override;

  // broker::ReplySink
  void event(broker::RequestId request, const broker::Request& what, InferEvent&& event) override;
  void completed(broker::RequestId request, const broker::Request& what,
                 broker::Outcome outcome) override;
  void queued(broker::RequestId request, const broker::Request& what) override;
  void started(broker::RequestId request, const broker::Request& what) override;
  void dropped(broker::RequestId request, const broker::Request& what,
               const broker::Outcome& outcome) override;
  void model_changed(const broker::ModelSpec& model, bool is_loaded) override;

  Config config_;
  Administrators administrators_{config_.admins};
  AccountList realtime_users_{"limits.realtime_users", config_.realtime_users};
  SystemClock clock_;
  SteadyTime started_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer broker_timer_{io_};
  boost::asio::steady_timer house_timer_{io_};
  boost::asio::steady_timer drain_timer_{io_};
  boost::asio::steady_timer open_timer_{io_};
  RegionRegistry regions_;
  ClientQuota quota_;
  SlabPool slabs_;
  PayloadBudget budget_;
  RefusalPace refusals_;
  LoopTurns turns_{io_};
  Episode crowded_;
  Episode hanging_;
  std::map<uid_t, ClientQuota::Hold> closing_;          // descriptors that are, by whose they are
  std::deque<std::pair<UniqueFd, uid_t>> turned_away_;  // the last few, which may still read why
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<ModelTable> models_;
  Metrics metrics_;
  std::optional<SocketLock> lock_;
  UniqueFd activated_;
  std::unique_ptr<Listener> listener_;
  std::unordered_map<broker::ConnectionId, std::shared_ptr<Session>> sessions_;
  std::vector<std::shared_ptr<Session>> touched_;
  EventFeed events_;             // of sessions_, to those with that feature
  bool device_changed_ = false;  // to be looked at, at the end of this turn
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<CodecPool> codec_;  // last: its threads end before what they work on

  broker::LaneHealth opening_;                // of the first worker, until there is a device
  std::string told_;                          // what was last logged to be wrong with it
  std::optional<device::DeviceInfo> device_;  // as the first worker has found it
  std::string confinement_;                   // of the last worker
  Readings readings_;
  SteadyTime telemetry_asked_{};
  std::optional<SteadyTime> timer_armed_;
  broker::ConnectionId last_connection_ = 0;
  Phase phase_ = Phase::kStarting;
  bool settling_ = false;
  int exit_status_ = 0;
};

}  // namespace npu::manager
