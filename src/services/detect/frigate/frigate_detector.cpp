#include "services/detect/frigate/frigate_detector.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "media/resize.hpp"
#include "services/kit/picture_input.hpp"

namespace npu::detect::frigate {
namespace asio = boost::asio;
using asio::awaitable;
namespace {

// Frigate waits 30 s for this answer, and where it is "not loaded" it never asks again.
constexpr Millis kLoadPatience = std::chrono::seconds(25);
// The answer's own way back.
constexpr Millis kReserve = std::chrono::milliseconds(20);
constexpr std::size_t kMaxPeers = 64;

media::Image picture_of(const Frame& frame) {
  media::Image picture(frame.size.width, frame.size.height, 3);
  std::uint8_t* to = picture.pixels().data();
  if (!frame.planar) {
    std::memcpy(to, frame.pixels.data(), frame.pixels.size());
    return picture;
  }
  const std::size_t plane = frame.pixels.size() / 3;
  const char* const red = frame.pixels.data();
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) *to++ = static_cast<std::uint8_t>(red[c * plane + i]);
  }
  return picture;
}

// Frames of another size are stretched: Frigate's shares of the frame are the network's, then.
Result<kit::Placement> fit(const Frame& frame, ClientTensor& input) {
  const Shape& shape = input.shape();
  if (shape.size() != 3 || shape[2] != 3) {
    return fail(ErrorCode::kUnsupported, "the model does not take pictures in colour");
  }
  const media::Size size{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
  const auto out = input.writable();
  if (size == frame.size && !frame.planar) {
    std::memcpy(out.data(), frame.pixels.data(), frame.pixels.size());
  } else {
    media::resize_into(picture_of(frame), size.width, size.height,
                       {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  }
  return kit::place(frame.size, size, kit::Fit::kStretch);
}

Outcome outcome_of(const Error& error) {
  return error.code == ErrorCode::kDeadlineExceeded ? Outcome::kLate : Outcome::kFailed;
}

}  // namespace

FrigateDetector::FrigateDetector(FrigateRules rules, kit::Model& model, http::WorkPool& pool,
                                 std::function<Find()> finder, std::function<void(Outcome)> count)
    : rules_(std::move(rules)),
      model_(model),
      pool_(pool),
      finder_(std::move(finder)),
      count_(std::move(count)) {}

Status FrigateDetector::bind(const asio::any_io_executor& executor) {
  auto router = ZmqRouter::bind(executor, rules_.endpoint);
  if (!router) return fail(router.error());
  router_ = std::move(*router);
  return {};
}

awaitable<void> FrigateDetector::run() {
  const auto executor = co_await asio::this_coro::executor;
  co_await router_->run([this, executor](Received message) {
    if (const auto known = peers_->find(message->peer()); known != peers_->end()) {
      if (known->second.waiting) count_(Outcome::kReplaced);
      known->second.waiting = std::move(message);
      return;
    }
    if (peers_->size() == kMaxPeers) {
      count_(Outcome::kRefused);
      tell(fmt::format("more than {} peers at once", kMaxPeers));
      return router_->send(message->peer(), rows_of({}, {}));
    }
    peers_->try_emplace(message->peer());
    asio::co_spawn(executor, serve(std::move(message)), [](const std::exception_ptr&) {});
  });
}

awaitable<void> FrigateDetector::serve(Received message) {
  struct Place {  // whatever ends this, the peer's next message begins anew
    ~Place() { in->erase(peer); }
    std::shared_ptr<Peers> in;
    std::string peer;
  };
  const Place place{peers_, message->peer()};
  while (message) {
    router_->send(place.peer, co_await answer(*message));
    message = std::exchange((*peers_)[place.peer].waiting, nullptr);
  }
}

awaitable<std::string> FrigateDetector::answer(const ZmqMessage& message) {
  const auto parts = message.parts();
  const auto read = read_message(parts);
  if (!read) {
    count_(Outcome::kRefused);
    tell(read.error().message);
    co_return rows_of({}, {});
  }
  if (const auto* question = std::get_if<ModelQuestion>(&*read)) {
    co_return co_await about(*question);
  }
  if (const auto* bytes = std::get_if<ModelBytes>(&*read)) {
    count_(Outcome::kRefused);
    tell(fmt::format("the bytes of model {} are not taken", bytes->name));
    co_return answer_to_bytes();
  }
  auto rows = co_await detect(std::get<Frame>(*read));
  if (rows) {
    count_(Outcome::kAnswered);
    told_.clear();
    co_return std::move(*rows);
  }
  count_(outcome_of(rows.error()));
  tell(rows.error().message);
  co_return rows_of({}, {});
}

awaitable<std::string> FrigateDetector::about(ModelQuestion question) {
  if (!is_model(question.name, model_.name())) {
    count_(Outcome::kRefused);
    tell(
        fmt::format("it is configured for model \"{}\", and this service has {}: in its `model` "
                    "say path: /{}",
                    question.name, model_.name(), model_.name()));
    co_return answer_to_question(false, false);
  }
  const bool loaded = co_await model_.wait_loaded(kLoadPatience);
  count_(loaded ? Outcome::kAnswered : Outcome::kLate);
  co_return answer_to_question(true, loaded);
}

awaitable<Result<std::string>> FrigateDetector::detect(Frame frame) {
  const SteadyTime deadline =
      std::chrono::steady_clock::now() + std::max(Millis(rules_.timeout_ms) - kReserve, Millis(1));
  auto input = model_.picture();
  if (!input) co_return fail(input.error());
  const auto placed = co_await http::on(pool_, [&] { return fit(frame, *input); });
  if (!placed) co_return fail(placed.error());

  const auto left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
  const kit::InferTerms terms{.timeout = std::max(left, Millis(1)),
                              .priority = Priority::kRealtime};
  InferInput tensors;
  tensors.tensor("input", std::move(*input));
  const auto output = co_await model_.infer(std::move(tensors), terms, "frigate");
  if (!output) co_return fail(output.error());
  const Find find = finder_();
  co_return co_await http::on(
      pool_,
      [&]() -> Result<std::string> {
        const auto found = find(*output, *placed);
        if (!found) return fail(found.error());
        return rows_of(*found, frame.size);
      },
      http::PoolTurn({}, {}, http::PoolEntry::kContinued));
}

void FrigateDetector::tell(const std::string& what) {
  if (what == told_) return;
  told_ = what;
  log::warning("frigate: {}", what);
}

}  // namespace npu::detect::frigate
