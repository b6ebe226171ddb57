#include "services/kit/model_keeper.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "services/kit/failures.hpp"

namespace npu::kit {
namespace asio = boost::asio;
namespace {

constexpr Millis kUntilToldOtherwise = std::chrono::hours(24);

}  // namespace

ModelKeeper::ModelKeeper(Model& model, http::Condition& condition, asio::any_io_executor executor,
                         KeeperPauses pauses)
    : model_(model), condition_(condition), pauses_(pauses), wake_(executor) {
  condition_.set_not_ready(kModelLoading);
  model_.on_lost([this](const Error& error) {
    not_ready(error);
    log::warning("not ready, {}: {}", condition_.reason(), error.message);
    look();
  });
}

ModelKeeper::~ModelKeeper() { model_.on_lost({}); }

void ModelKeeper::look() {
  changed_ = true;
  wake_.cancel();
}

awaitable<void> ModelKeeper::run() {
  Millis pause = pauses_.first;
  for (;;) {
    if (co_await keep()) {
      pause = pauses_.first;
      co_await rest(Millis(0), kUntilToldOtherwise);
    } else {
      co_await rest(pauses_.least, pause);
      pause = std::min(pause * 2, pauses_.longest);
    }
  }
}

awaitable<bool> ModelKeeper::keep() {
  changed_ = false;
  if (!model_.loaded() && !co_await load_once()) co_return false;
  // Also after a load: what the manager says now is what it is compared with later.
  changed_ = false;
  const Status there = co_await model_.check_loaded();
  co_return there.has_value();
}

awaitable<bool> ModelKeeper::load_once() {
  const Status loaded = co_await model_.load();
  if (loaded) {
    condition_.set_ready();
  } else {
    not_ready(loaded.error());
  }
  co_return loaded.has_value();
}

awaitable<void> ModelKeeper::rest(Millis least, Millis longest) {
  const auto begin = SteadyTime::clock::now();
  for (;;) {
    const SteadyTime end = begin + (changed_ ? least : longest);
    if (SteadyTime::clock::now() >= end) co_return;
    wake_.expires_at(end);
    (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void ModelKeeper::not_ready(const Error& error) {
  const char* reason = what_is_gone(error.code);
  condition_.set_not_ready(reason != nullptr ? reason : kModelLoading, error.message);
}

}  // namespace npu::kit
