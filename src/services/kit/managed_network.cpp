#include "services/kit/managed_network.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>

#include "services/kit/failures.hpp"

namespace npu::kit {
namespace json = boost::json;
namespace {

constexpr Millis kLoadTimeout = std::chrono::seconds(180);
constexpr Millis kStatusTimeout = std::chrono::seconds(2);
constexpr std::int64_t kMaxSide = 4096;

class ManagedPieces final : public PieceSource {
 public:
  explicit ManagedPieces(InferStream stream) : stream_(std::move(stream)) {}
  awaitable<Result<std::optional<json::object>>> next() override { return stream_.next(); }
  const InferResult& result() const override { return stream_.result(); }

 private:
  InferStream stream_;
};

}  // namespace

ManagedNetwork::ManagedNetwork(std::shared_ptr<ManagedDevice> device, ModelRules rules)
    : device_(std::move(device)),
      rules_(std::move(rules)),
      watch_(rules_.type, path_of(rules_), rules_.keep_alive < 0) {}

ModelRef ManagedNetwork::model() const {
  ModelRef model;
  model.path = path_of(rules_);
  model.type = rules_.type;
  model.params = rules_.params;
  return model;
}

CallOptions ManagedNetwork::call_options(Millis timeout) const {
  CallOptions call;
  call.timeout = timeout;
  call.keep_alive = rules_.keep_alive;
  return call;
}

Result<ClientTensor> ManagedNetwork::allocate_picture() {
  if (!known_) return fail(not_loaded_);
  if (picture_shape_.empty()) {
    return fail(ErrorCode::kUnsupported, "the model does not take pictures");
  }
  return device_->client().allocate(DType::kUint8, picture_shape_);
}

Result<ClientTensor> ManagedNetwork::allocate(Shape shape) {
  if (!known_) return fail(not_loaded_);
  return device_->client().allocate(DType::kUint8, std::move(shape));
}

awaitable<Result<InferResult>> ManagedNetwork::infer(InferInput input, InferTerms terms) {
  CallOptions call = call_options(terms.timeout);
  call.priority = terms.priority;
  return device_->client().infer(model(), std::move(input), std::move(call));
}

awaitable<Result<std::unique_ptr<PieceSource>>> ManagedNetwork::stream(InferInput input,
                                                                       Millis timeout) {
  auto stream =
      co_await device_->client().infer_stream(model(), std::move(input), call_options(timeout));
  if (!stream) co_return fail(stream.error());
  co_return std::make_unique<ManagedPieces>(std::move(*stream));
}

awaitable<Status> ManagedNetwork::load() {
  losses_ = device_->losses();
  auto reply = co_await device_->client().load_model(model(), call_options(kLoadTimeout));
  if (!reply) {
    Error why = error_for_client(reply.error());
    if (why.code == ErrorCode::kUnavailable) not_loaded_ = std::move(why);
    co_return fail(reply.error());
  }
  auto shape = picture_shape_of(*reply);
  if (!shape && rules_.pictures) co_return fail(shape.error());
  picture_shape_ = std::move(shape).value_or(Shape{});
  known_ = true;
  watch_.loaded(*reply);
  info_ = std::move(*reply);
  co_return Status{};
}

awaitable<Status> ManagedNetwork::check_loaded() {
  if (device_->losses() != losses_) co_return fail(device_->last_loss());
  CallOptions call;
  call.timeout = kStatusTimeout;
  const auto reply = co_await device_->client().status(call);
  if (!reply && reply.error().code == ErrorCode::kDeadlineExceeded) {
    co_return fail(ErrorCode::kUnavailable, "the device manager does not answer");
  }
  if (!reply) co_return fail(reply.error());
  co_return watch_.check(*reply);
}

awaitable<void> ManagedNetwork::release() {
  CallOptions call;
  call.timeout = kStatusTimeout;
  (void)co_await device_->client().unload_model(model(), call);
}

Result<Shape> picture_shape_of(const LoadedModel& model) {
  const Shape& shape = model.input_shape;
  const bool picture =
      shape.size() == 3 && std::ranges::max(shape) <= kMaxSide && (shape[2] == 1 || shape[2] == 3);
  if (picture) return shape;
  return fail(ErrorCode::kUnsupported,
              "the model does not take pictures of 1 or 3 channels, or the device manager is too "
              "old to say what it takes");
}

}  // namespace npu::kit
