// Runs the work of one job. Libraries throw; a job that threw has failed, and the worker goes on.
#pragma once

#include <exception>
#include <new>

#include <npu/result.hpp>

#include "base/log.hpp"

namespace npu::worker {

template <class Work>
auto guarded(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOverloaded, "out of memory");
  } catch (const std::exception& error) {
    log::error("a job failed: {}", error.what());
    return fail(ErrorCode::kInternal, "internal error");
  }
}

}  // namespace npu::worker
