// What comes of a function that somebody else runs, such as a pool of threads.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

namespace npu::http {

namespace detail {
template <class T>
struct JobResult {
  using Type = Result<T>;
};
template <class T>
struct JobResult<Result<T>> {
  using Type = Result<T>;
};
}  // namespace detail

// A Result comes back as it is; a plain value is wrapped into one.
template <class F>
using JobResult = typename detail::JobResult<std::invoke_result_t<F&>>::Type;

// run(job) calls job() once, and is awaited; where it fails without having done so, its error is
// the result.
template <class Run, class F>
boost::asio::awaitable<JobResult<F>> result_of_job(Run run, F fn) {
  using Out = JobResult<F>;
  std::optional<Out> out;
  const Status ran = co_await run([&] {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      fn();
      out.emplace();
    } else {
      out.emplace(fn());
    }
  });
  if (!ran) co_return Out(fail(ran.error()));
  co_return std::move(*out);
}

}  // namespace npu::http
