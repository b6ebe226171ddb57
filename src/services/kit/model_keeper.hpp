// Keeps one model loaded: loads it in the background, loads it again when it is gone, and says in
// the service's readiness why it is not there.
//
//   ModelKeeper keeper(model, host.readiness().add("model"), host.executor());
//   device.watch([&] { keeper.look(); });
//   host.in_background([&] { return keeper.run(); });
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "http/readiness.hpp"
#include "services/kit/model.hpp"

namespace npu::kit {

struct KeeperPauses {
  // After a load that failed, or a model that was gone; then twice as long, ...
  Millis first = std::chrono::milliseconds(250);
  Millis longest = std::chrono::seconds(5);
  // The same where something has changed meanwhile.
  Millis least = std::chrono::milliseconds(250);
};

class ModelKeeper {
 public:
  // The references must outlive it.
  ModelKeeper(Model& model, http::Condition& condition, boost::asio::any_io_executor executor,
              KeeperPauses pauses = {});
  ~ModelKeeper();
  ModelKeeper(const ModelKeeper&) = delete;
  ModelKeeper& operator=(const ModelKeeper&) = delete;

  // Until cancelled.
  awaitable<void> run();

  // The model may be gone, or there may be what it was waiting for. Called many times, it looks
  // once.
  void look();

 private:
  awaitable<bool> load_once();
  // Loads it, or asks whether it is still there. False: it is not, or nobody knows.
  awaitable<bool> keep();
  // Until `longest` has passed, or `least` where something changes meanwhile.
  awaitable<void> rest(Millis least, Millis longest);
  void not_ready(const Error& error);

  Model& model_;
  http::Condition& condition_;
  KeeperPauses pauses_;
  bool changed_ = false;
  boost::asio::steady_timer wake_;
};

}  // namespace npu::kit
