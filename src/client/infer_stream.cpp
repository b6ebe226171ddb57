#include <utility>

#include <npu/client.hpp>

#include "client/async_core.hpp"

#include <boost/asio/post.hpp>

namespace npu {
namespace asio = boost::asio;
namespace bj = boost::json;

using client::AsyncCore;
using client::Call;

InferStream::InferStream(std::weak_ptr<AsyncCore> core, std::shared_ptr<Call> call)
    : core_(std::move(core)), call_(std::move(call)) {}

InferStream::InferStream(InferStream&&) noexcept = default;

InferStream& InferStream::operator=(InferStream&& other) noexcept {
  std::swap(core_, other.core_);
  std::swap(call_, other.call_);
  std::swap(result_, other.result_);
  return *this;
}

InferStream::~InferStream() {
  if (call_ == nullptr) return;
  if (const auto core = core_.lock()) {
    asio::post(core->strand(), [core, call = std::move(call_)] { core->cancel(call); });
  }
}

asio::awaitable<Result<std::optional<bj::object>>> InferStream::next() {
  if (call_ == nullptr) co_return fail(ErrorCode::kInvalidArgument, "the stream has ended");
  auto event = co_await AsyncCore::next(core_, call_);
  if (event && *event) co_return std::move(event);
  const auto call = std::exchange(call_, nullptr);
  if (event) result_ = std::move((*call->end)->infer);
  co_return std::move(event);
}

}  // namespace npu
