// What a request of the service asks of its model, and of the pool.
#pragma once

#include <optional>
#include <utility>

#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "services/kit/model.hpp"
#include "services/ocr/calls.hpp"

namespace npu::ocr {

class ServiceCalls final : public Calls {
 public:
  // The references outlive it.
  ServiceCalls(kit::Model& model, http::WorkPool& pool, const http::Request& request,
               std::optional<Priority> priority)
      : model_(model), pool_(pool), request_(request), priority_(priority) {}

  Result<ClientTensor> allocate(Shape shape) const override {
    return model_.allocate(std::move(shape));
  }
  awaitable<Result<InferResult>> infer(InferInput input) const override {
    return model_.infer(std::move(input), request_, priority_);
  }

 private:
  awaitable<Status> run(std::function<void()> fn) const override {
    return pool_.run(std::move(fn), request_.turn(http::PoolEntry::kContinued));
  }

  kit::Model& model_;
  http::WorkPool& pool_;
  const http::Request& request_;
  std::optional<Priority> priority_;
};

}  // namespace npu::ocr
