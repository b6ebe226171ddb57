// For whom the work pool runs a job.
#pragma once

#include <stop_token>
#include <utility>

#include "http/client_key.hpp"

namespace npu::http {

// kContinued: of a request that has had a job on the pool already. It is never refused: what it has
// cost so far would be lost, and only so many were let in.
enum class PoolEntry { kNew, kContinued };

// No aggregate: g++ 12 destroys those twice that are made in a co_await expression.
struct PoolTurn {
  PoolTurn(std::stop_token stop_token = {}, ClientKey of = {}, PoolEntry how = PoolEntry::kNew)
      : stop(std::move(stop_token)), client(of), entry(how) {}

  std::stop_token stop;
  ClientKey client;
  PoolEntry entry;
};

}  // namespace npu::http
