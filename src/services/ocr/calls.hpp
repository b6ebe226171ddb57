// What reading one picture needs of the world: the networks, and threads to work on. A service asks
// for a request of it (service_calls.hpp), hailoctl for itself.
#pragma once

#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "http/job_result.hpp"

namespace npu::ocr {

using boost::asio::awaitable;

class Calls {
 public:
  virtual ~Calls() = default;

  // Memory for a picture of this shape.
  virtual Result<ClientTensor> allocate(Shape shape) const = 0;
  virtual awaitable<Result<InferResult>> infer(InferInput input) const = 0;

  // fn() where it may take time. Its Result comes back as it is; a plain value is wrapped into one.
  template <class F>
  awaitable<http::JobResult<F>> work(F fn) const {
    return http::result_of_job([this](std::function<void()> job) { return run(std::move(job)); },
                               std::move(fn));
  }

 private:
  virtual awaitable<Status> run(std::function<void()> fn) const = 0;
};

}  // namespace npu::ocr
