#include "services/kit/model.hpp"

#include <algorithm>
#include <iterator>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "services/kit/failures.hpp"

namespace npu::kit {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

// A stream has no time as a whole: the HTTP server gives it one for its first piece and for each
// pause, and cancels it.
constexpr Millis kStreamTimeout = std::chrono::hours(24);

}  // namespace

awaitable<Result<InferResult>> Model::infer(ClientTensor picture, const http::Request& request,
                                            std::optional<Priority> priority) {
  InferInput input;
  input.tensor("input", std::move(picture));
  co_return co_await infer(std::move(input), request, priority);
}

awaitable<Result<InferResult>> Model::infer(InferInput input, const http::Request& request,
                                            std::optional<Priority> priority) {
  const InferTerms terms{.timeout = request.time_left(), .priority = priority};
  co_return co_await infer(std::move(input), terms, request.id);
}

awaitable<Result<InferResult>> Model::infer(InferInput input, InferTerms terms,
                                            const std::string& id) {
  auto result = co_await network_->infer(std::move(input), terms);
  if (!result) co_return fail(failed(result.error(), id));
  used();
  co_return result;
}

awaitable<Result<ModelStream>> Model::stream(InferInput input, const http::Request& request) {
  auto source = co_await network_->stream(std::move(input), kStreamTimeout);
  if (!source) co_return fail(failed(source.error(), request.id));
  co_return ModelStream(*this, std::move(*source), request.id);
}

awaitable<Result<std::optional<json::object>>> ModelStream::next() {
  auto piece = co_await source_->next();
  if (!piece) co_return fail(model_->failed(piece.error(), request_id_));
  if (!*piece) model_->used();
  co_return piece;
}

void Model::used() {
  ++inferences_;
  last_error_.reset();
}

Error Model::failed(const Error& error, const std::string& request_id) {
  log::warning({.request = request_id, .model = name_}, "req={} inference failed: {}", request_id,
               error.message);
  note(error);
  return error_for_client(error);
}

void Model::note(const Error& error) {
  if (error.code != ErrorCode::kCancelled) last_error_ = error.message;
  if (!loaded_ || what_is_gone(error.code) == nullptr) return;
  loaded_ = false;
  if (on_lost_) on_lost_(error);
}

FitOptions Model::fit(Fit fit) const { return fit_of(info(), fit); }

void Model::add_health(json::object& body) const {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - started_;
  body["model_loaded"] = loaded_;
  body["last_error"] = last_error_ ? json::value(*last_error_) : json::value();
  body["inference_count"] = inferences_;
  body["uptime_seconds"] = uptime.count();
}

awaitable<bool> Model::wait_loaded(Millis patience) {
  if (loaded_) co_return true;
  struct Place {  // this may be cancelled
    ~Place() { in->erase(timer); }
    std::shared_ptr<std::list<asio::steady_timer>> in;
    std::list<asio::steady_timer>::iterator timer;
  };
  waiting_->emplace_back(co_await asio::this_coro::executor, patience);
  const Place place{waiting_, std::prev(waiting_->end())};
  (void)co_await place.timer->async_wait(asio::as_tuple(asio::use_awaitable));
  co_return loaded_;
}

void Model::accept_if(std::function<Status(const LoadedModel&)> accept) {
  accept_ = [accept = std::move(accept)](const LoadedModel& model) -> awaitable<Status> {
    co_return accept(model);
  };
}

awaitable<Status> Model::load() {
  Status loaded = co_await network_->load();
  if (loaded && accept_) {
    loaded = co_await accept_(info());
    // What is wrong may be what somebody said of it: the next load reads that again.
    if (!loaded) co_await network_->release();
  }
  loaded_ = loaded.has_value();
  if (loaded) {
    last_error_.reset();
    for (auto& timer : *waiting_) timer.cancel();
    log::info("model {} is loaded", name_);
  } else {
    if (last_error_ != loaded.error().message) {
      log::warning("cannot load model {}: {}", name_, loaded.error().message);
    }
    last_error_ = loaded.error().message;
  }
  co_return loaded;
}

awaitable<Status> Model::check_loaded() {
  Status still = co_await network_->check_loaded();
  if (!still) note(still.error());
  co_return still;
}

awaitable<void> Model::release() {
  if (!loaded_) co_return;
  loaded_ = false;
  co_await network_->release();
}

Result<ClientTensor> first_tensor(const InferResult& result) {
  if (auto tensor = result.tensor()) return tensor;
  if (const auto* object = result.value.if_object(); object != nullptr && !object->empty()) {
    const auto first = std::ranges::min_element(
        *object, {}, [](const auto& field) { return std::string_view(field.key()); });
    return result.tensor(first->key());
  }
  return fail(ErrorCode::kInternal, "the model's output is not a tensor");
}

}  // namespace npu::kit
