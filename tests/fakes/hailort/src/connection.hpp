// One connection to the chip's server: what VDevice and Device talk through.
//
// As in HailoRT each connection has a thread on the chip that does one action after the other, and
// a thread here that brings replies and runs callbacks. So a slow action holds up everything behind
// it, and a callback that makes a synchronous call waits for itself.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "hailo/expected.hpp"

#include "dma.hpp"
#include "machine.hpp"

namespace hailo_fake {

// Something on the chip that ends with the connection.
class Service {
 public:
  virtual ~Service() = default;
  // Idempotent; pending work is answered with `status` first.
  virtual void stop(hailo_status status) = 0;
};

class Connection {
 public:
  // HAILO_CONNECTION_REFUSED while the chip boots; or its channels are taken.
  static hailort::Expected<std::shared_ptr<Connection>> open(std::shared_ptr<Machine> machine);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Patience { kUsual, kLong };  // 10 s; 45 s for uploading and configuring

  // Has the chip do something and waits for the answer.
  hailo_status call(std::function<hailo_status()> action, Patience patience = Patience::kUsual,
                    const Verdict& verdict = {});

  // A request whose answer is delivered by the reply thread. 0 if the connection is lost.
  using Request = std::uint64_t;
  using OnReply = std::function<void(hailo_status)>;
  Request begin(OnReply on_reply);
  // Queues an action of the chip for it.
  void post(std::function<void()> action);
  // Only the first answer counts. `deliver` brings the data, before the reply is announced.
  void answer(Request request, hailo_status status, std::function<void()> deliver = {});

  // Everything that is pending and everything later is HAILO_COMMUNICATION_CLOSED.
  void lose();
  bool usable();
  // Ends both threads. What is pending is answered first. Not from a callback.
  void close();

  // Sleeps on the chip: false if the connection ended meanwhile.
  bool sleep(npu::Duration time);
  // True when an action that waits should give up.
  bool ending() const { return ending_; }

  // For an action that never ends: returns when the connection is closed.
  void stand_still();
  // The chip restarts, and nothing on this connection is answered any more, until it is closed.
  void restart_unheard();

  void keep(const std::shared_ptr<Service>& service);
  Machine& machine() const { return *machine_; }
  std::shared_ptr<Machine> shared_machine() const { return machine_; }
  Chip::Session session() const { return session_; }
  DmaMappings& dma() { return dma_; }

 private:
  explicit Connection(std::shared_ptr<Machine> machine);
  void act();
  void reply();
  void close_channel();
  hailo_status perform(const std::function<hailo_status()>& action, const Verdict& verdict);

  const std::shared_ptr<Machine> machine_;
  const Chip::Session session_;
  DmaMappings dma_;

  std::mutex mutex_;
  std::condition_variable action_there_;
  std::condition_variable reply_there_;
  std::deque<std::function<void()>> actions_;
  std::deque<std::function<void()>> replies_;
  std::map<Request, OnReply> pending_;
  Request last_ = 0;
  bool lost_ = false;
  bool closed_ = false;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> deaf_ = false;
  std::atomic<bool> has_channel_ = true;
  std::vector<std::weak_ptr<Service>> services_;

  std::thread actor_;
  std::thread replier_;
};

}  // namespace hailo_fake
