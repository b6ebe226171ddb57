// A network without a device, for tests of what uses one.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "services/kit/network.hpp"

namespace npu::kit {

// What the test says and sees; it outlives the network.
struct FakeState {
  std::optional<Error> failure;                  // of every call
  boost::asio::steady_timer* loading = nullptr;  // a load takes until it is cancelled
  LoadedModel info{};                            // of every load
  int loads = 0;
  int releases = 0;
  std::vector<Millis> timeouts;  // of the inferences
  std::vector<std::optional<Priority>> priorities{};
  std::vector<boost::json::object> pieces;  // of a stream
  std::optional<Error> failure_after_pieces{};
};

class FakePieces final : public PieceSource {
 public:
  explicit FakePieces(FakeState& state) : state_(state) {}

  awaitable<Result<std::optional<boost::json::object>>> next() override {
    if (next_ < state_.pieces.size()) co_return state_.pieces[next_++];
    if (state_.failure_after_pieces) co_return fail(*state_.failure_after_pieces);
    co_return std::nullopt;
  }
  const InferResult& result() const override { return result_; }

 private:
  FakeState& state_;
  std::size_t next_ = 0;
  InferResult result_;
};

class FakeNetwork : public Network {
 public:
  FakeNetwork(FakeState& state, Shape picture) : state_(state), shape_(std::move(picture)) {}

  Result<ClientTensor> allocate_picture() override {
    Tensor tensor{DType::kUint8, shape_, {}};
    tensor.data.resize(*byte_size(DType::kUint8, shape_));
    return ClientTensor::own(std::move(tensor));
  }
  awaitable<Result<InferResult>> infer(InferInput input, InferTerms terms) override {
    state_.timeouts.push_back(terms.timeout);
    state_.priorities.push_back(terms.priority);
    if (state_.failure) co_return fail(*state_.failure);
    InferResult result;
    result.tensors.push_back(ClientTensor::own(answer(input.tensor_fields().at(0).tensors.at(0))));
    result.value = {{"dtype", "float32"}, {"shape", boost::json::array{}}, {"tensor", 0}};
    co_return result;
  }
  awaitable<Result<std::unique_ptr<PieceSource>>> stream(InferInput, Millis timeout) override {
    state_.timeouts.push_back(timeout);
    if (state_.failure) co_return fail(*state_.failure);
    co_return std::make_unique<FakePieces>(state_);
  }
  awaitable<Status> load() override {
    ++state_.loads;
    if (state_.loading != nullptr) {
      (void)co_await state_.loading->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return co_await state();
  }
  const LoadedModel& info() const override { return state_.info; }
  awaitable<Status> check_loaded() override { return state(); }
  awaitable<void> release() override {
    ++state_.releases;
    co_return;
  }

 protected:
  // The output for an input; a float of zero, if the test does not say otherwise.
  virtual Tensor answer(const ClientTensor&) {
    return {DType::kFloat32, {1}, std::vector<std::byte>(sizeof(float))};
  }

 private:
  awaitable<Status> state() {
    if (state_.failure) co_return fail(*state_.failure);
    co_return Status{};
  }

  FakeState& state_;
  Shape shape_;
};

}  // namespace npu::kit
