// What reading one picture needs of the world: the networks, and threads to work on.
#pragma once

#include <optional>
#include <utility>

#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "services/kit/model.hpp"

namespace npu::ocr {

using http::awaitable;

struct Calls {
  kit::Model& model;
  http::WorkPool& pool;
  const http::Request& request;
  std::optional<Priority> priority{};

  awaitable<Result<InferResult>> infer(InferInput input) const {
    return model.infer(std::move(input), request, priority);
  }
  // fn() on the pool.
  template <class F>
  auto work(F fn) const {
    return http::on(pool, std::move(fn), request.turn(http::PoolEntry::kContinued));
  }
};

}  // namespace npu::ocr
