#include "services/kit/model_keeper.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "services/kit/failures.hpp"

namespace npu::kit {
namespace asio = boost::asio;

ModelKeeper::ModelKeeper(Model& model, http::Condition& condition, asio::any_io_executor executor,
                         KeeperPauses pauses)
    : model_(model), condition_(condition), pauses_(pauses), wake_(executor) {
  condition_.set_not_ready(kModelLoading);
  model_.on_lost([this](const Error& error) {
    not_ready(error);
    log::warning("not ready, {}: {}", condition_.reason(), error.message);
    wake_.cancel();
  });
}

ModelKeeper::~ModelKeeper() { model_.on_lost({}); }

awaitable<void> ModelKeeper::run() {
  Millis pause = pauses_.first;
  for (;;) {
    if (!co_await load_once()) {
      co_await sleep(pause);
      pause = std::min(pause * 2, pauses_.longest);
      continue;
    }
    pause = pauses_.first;
    while (model_.loaded()) {
      co_await sleep(pauses_.watch);
      if (model_.loaded()) (void)co_await model_.check_loaded();
    }
  }
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

awaitable<void> ModelKeeper::sleep(Millis time) {
  wake_.expires_after(time);
  (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void ModelKeeper::not_ready(const Error& error) {
  const char* reason = what_is_gone(error.code);
  condition_.set_not_ready(reason != nullptr ? reason : kModelLoading, error.message);
}

}  // namespace npu::kit
