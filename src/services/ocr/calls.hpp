// What reading one picture needs of the world: the networks, and threads to work on. A service asks
// for a request of it (service_calls.hpp), hailoctl for itself.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

namespace npu::ocr {

using boost::asio::awaitable;

namespace detail {
template <class T>
struct WorkResult {
  using Type = Result<T>;
};
template <class T>
struct WorkResult<Result<T>> {
  using Type = Result<T>;
};
}  // namespace detail

class Calls {
 public:
  virtual ~Calls() = default;

  // Memory for a picture of this shape.
  virtual Result<ClientTensor> allocate(Shape shape) const = 0;
  virtual awaitable<Result<InferResult>> infer(InferInput input) const = 0;

  // fn() where it may take time. Its Result comes back as it is; a plain value is wrapped into one.
  template <class F>
  auto work(F fn) const -> awaitable<typename detail::WorkResult<std::invoke_result_t<F&>>::Type> {
    using Out = typename detail::WorkResult<std::invoke_result_t<F&>>::Type;
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

 private:
  virtual awaitable<Status> run(std::function<void()> fn) const = 0;
};

}  // namespace npu::ocr
