// A model as the handlers of a service use it.
//
//   auto output = co_await model.infer(input->tensor, request);   // within the request's deadline
//   if (!output) co_return fail(output.error());                  // already in words for the
//   client
//
// It knows whether it is loaded, how often it was used and what went wrong last. Who loads it is
// somebody else's business: a ModelKeeper, or a ModelSet. Used on the event loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>
#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "services/kit/network.hpp"
#include "services/kit/picture_input.hpp"

namespace npu::kit {

class Model;

// The pieces of a streamed inference. Move-only; destroying it before the end cancels the
// inference. The model must outlive it.
class ModelStream {
 public:
  ModelStream(Model& model, std::unique_ptr<PieceSource> source, std::string request_id)
      : model_(&model), source_(std::move(source)), request_id_(std::move(request_id)) {}

  // nullopt at the end. Fails in words for the client.
  awaitable<Result<std::optional<boost::json::object>>> next();
  // Valid once next() has returned nullopt.
  const InferResult& result() const { return source_->result(); }

 private:
  Model* model_;
  std::unique_ptr<PieceSource> source_;
  std::string request_id_;
};

class Model {
 public:
  Model(std::string name, std::unique_ptr<Network> network)
      : name_(std::move(name)), network_(std::move(network)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const std::string& name() const { return name_; }
  bool loaded() const { return loaded_; }
  // True once it is loaded, false where that takes longer.
  awaitable<bool> wait_loaded(Millis patience);

  // Memory for one picture, of the shape that the model takes: for Pictures::fit().
  Result<ClientTensor> picture() { return network_->allocate_picture(); }

  // The same for a part of an input, of any shape.
  Result<ClientTensor> allocate(Shape shape) { return network_->allocate(std::move(shape)); }

  // Within the request's deadline; cancelled with the request. Errors are in words for the client.
  awaitable<Result<InferResult>> infer(ClientTensor picture, const http::Request& request,
                                       std::optional<Priority> priority = {});
  awaitable<Result<InferResult>> infer(InferInput input, const http::Request& request,
                                       std::optional<Priority> priority = {});
  // For who is no HTTP request. id: what the log calls it.
  awaitable<Result<InferResult>> infer(InferInput input, InferTerms terms, const std::string& id);
  // The times are those of the response's stream (http/stream.hpp), not the request's deadline.
  awaitable<Result<ModelStream>> stream(InferInput input, const http::Request& request);

  // What the manager knows of it since it was loaded first: labels, head, outputs.
  const LoadedModel& info() const { return network_->info(); }
  // How it wants its picture. fit: where nobody has said.
  FitOptions fit(Fit fit = Fit::kLetterbox) const;
  // Called after each load; where it fails, so has the load: the model is given back, and the
  // service is not ready.
  void accept_if(std::function<Status(const LoadedModel&)> accept);
  // The same where it takes time: on the pool.
  using Accept = std::function<awaitable<Status>(const LoadedModel&)>;
  void accept_when(Accept accept) { accept_ = std::move(accept); }

  // Adds model_loaded, last_error, inference_count and uptime_seconds.
  void add_health(boost::json::object& body) const;

  // For those who load it.
  awaitable<Status> load();
  awaitable<Status> check_loaded();  // where it is loaded; kNotFound, ...: it is gone
  awaitable<void> release();
  // Called when it turns out to be gone.
  void on_lost(std::function<void(const Error&)> lost) { on_lost_ = std::move(lost); }

 private:
  friend class ModelStream;
  // A use has ended. The error for the client.
  void used();
  Error failed(const Error& error, const std::string& request_id);
  void note(const Error& error);

  std::string name_;
  std::unique_ptr<Network> network_;
  std::function<void(const Error&)> on_lost_;
  // In wait_loaded(), which may be destroyed after this.
  std::shared_ptr<std::list<boost::asio::steady_timer>> waiting_ =
      std::make_shared<std::list<boost::asio::steady_timer>>();
  Accept accept_;
  SteadyTime started_ = std::chrono::steady_clock::now();
  bool loaded_ = false;
  std::optional<std::string> last_error_;
  std::uint64_t inferences_ = 0;
};

// One output: the tensor itself. Several: the first by name. kInternal where there is none.
Result<ClientTensor> first_tensor(const InferResult& result);

}  // namespace npu::kit
