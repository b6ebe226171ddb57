// What a handler gets.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/body.hpp"
#include "http/client_key.hpp"
#include "http/headers.hpp"
#include "http/pool_turn.hpp"
#include "http/url_text.hpp"

namespace npu::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view name_of(Method method);

struct Request {
  Method method = Method::kGet;
  std::string target;  // as received
  std::string path;    // decoded
  Query query;
  Headers headers;
  Body body;         // complete, at most the route's limit
  std::string id;    // the client's X-Request-Id if sane, else generated; echoed in the response
  std::string peer;  // "127.0.0.1:40312"
  ClientKey client;  // for whom the request is counted
  // When the server gives up, counted from the end of the body: the handler is then cancelled and
  // the client answered with 504.
  SteadyTime deadline = SteadyTime::max();
  // Stops when the client is gone or the deadline has passed. The handler's coroutine is cancelled
  // then too; this is for work on other threads.
  std::stop_token stop;
  std::vector<std::pair<std::string, std::string>> path_params;

  // The value of {name} in the route's pattern, decoded. Empty if the pattern has no such name.
  std::string_view param(std::string_view name) const;
  // Media type in lower case, without parameters: "application/json". Empty if there is none.
  std::string content_type() const;
  // For http::on(): the pool's work for this request.
  PoolTurn turn(PoolEntry entry = PoolEntry::kNew) const { return {stop, client, entry}; }
  // What is left until the deadline, at least 1 ms.
  Millis time_left() const;
};

}  // namespace npu::http
