// Large answers made in bands: on the work pool, each one when the reader has taken the one before.
// Of an answer of 60 MB a quarter of one is held, and a reader that is slow holds no thread.
//
//   co_return co_await kit::in_bands(pool, request, "application/json; charset=utf-8",
//                                    [&]() -> Result<std::unique_ptr<kit::Bands>> { ... });
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/work_pool.hpp"

namespace npu::kit {

using http::awaitable;

// A text that is made part by part. One thread at a time.
class Bands {
 public:
  virtual ~Bands() = default;
  // The next part: at least so many bytes, and not many more, where there are so many. Valid until
  // the next call. May take time.
  virtual const std::string& next(std::size_t bytes) = 0;
  // There is no further part.
  virtual bool ended() const = 0;
};

// make() runs on the pool; the request fails with its error. An answer of one band has a
// Content-Length, others are streamed. What make() gives outlives this call and the request's
// handler: it owns what it needs. The pool outlives it.
awaitable<Result<http::Response>> in_bands(http::WorkPool& pool, const http::Request& request,
                                           std::string_view content_type,
                                           std::function<Result<std::unique_ptr<Bands>>()> make);

}  // namespace npu::kit
