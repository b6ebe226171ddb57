// The detector that Frigate asks over ZeroMQ (its detector `zmq`).
//
// Cameras do not wait: an inference is `realtime`, a frame that a peer sends while its last one is
// worked on replaces the one that waits, and whatever happens the answer is there before the peer
// gives up; one without objects where there is no better. What goes wrong is in the log, once for
// each kind, and in hailo_frigate_requests_total.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

#include "http/work_pool.hpp"
#include "services/detect/finder.hpp"
#include "services/detect/frigate/frigate_rules.hpp"
#include "services/detect/frigate/message.hpp"
#include "services/detect/frigate/zmq_router.hpp"
#include "services/kit/model.hpp"

namespace npu::detect::frigate {

// What came of a request, for metrics.
enum class Outcome { kAnswered, kRefused, kLate, kFailed, kReplaced };
inline constexpr std::array<std::string_view, 5> kOutcomeNames{"answered", "refused", "late",
                                                               "failed", "replaced"};

class FrigateDetector {
 public:
  using Find = std::function<Result<std::vector<Found>>(const InferResult&, const kit::Placement&)>;

  // finder: called on the event loop for each frame; what it gives, on the pool. The references
  // must outlive the io_context's run.
  FrigateDetector(FrigateRules rules, kit::Model& model, http::WorkPool& pool,
                  std::function<Find()> finder, std::function<void(Outcome)> count);

  // Binds the endpoint and serves it until it is cancelled. Fails as ZmqRouter::bind() does.
  Status bind(const boost::asio::any_io_executor& executor);
  std::string endpoint() const { return router_->endpoint(); }
  boost::asio::awaitable<void> run();

 private:
  using Received = std::shared_ptr<const ZmqMessage>;
  struct Peer {
    Received waiting;  // the newest that came while one is worked on
  };
  using Peers = std::map<std::string, Peer, std::less<>>;

  boost::asio::awaitable<void> serve(Received message);
  boost::asio::awaitable<std::string> answer(const ZmqMessage& message);
  boost::asio::awaitable<std::string> about(ModelQuestion question);
  // The rows of the frame.
  boost::asio::awaitable<Result<std::string>> detect(Frame frame);
  void tell(const std::string& what);

  FrigateRules rules_;
  kit::Model& model_;
  http::WorkPool& pool_;
  std::function<Find()> finder_;
  std::function<void(Outcome)> count_;
  std::unique_ptr<ZmqRouter> router_;
  // Those that are worked for; a coroutine may be destroyed after this.
  std::shared_ptr<Peers> peers_ = std::make_shared<Peers>();
  std::string told_;
};

}  // namespace npu::detect::frigate
