// Keeps one model loaded: loads it in the background, watches whether the device manager still has
// it, loads it again after it was gone, and says in the service's readiness why not.
//
//   ModelKeeper keeper(model, host.readiness().add("model"), host.executor());
//   host.in_background([&] { return keeper.run(); });
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/readiness.hpp"
#include "services/kit/model.hpp"

namespace npu::kit {

struct KeeperPauses {
  Millis watch = std::chrono::seconds(1);  // between looks at what the manager has
  Millis first =
      std::chrono::milliseconds(250);  // after a load that failed; then twice as long, ...
  Millis longest = std::chrono::seconds(5);
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

 private:
  awaitable<bool> load_once();
  awaitable<void> sleep(Millis time);
  void not_ready(const Error& error);

  Model& model_;
  http::Condition& condition_;
  KeeperPauses pauses_;
  boost::asio::steady_timer wake_;
};

}  // namespace npu::kit
