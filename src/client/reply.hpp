// What a call delivers.
#pragma once

#include <boost/json.hpp>

#include <npu/client_types.hpp>

namespace npu::client {

struct Reply {
  boost::json::object body;  // the reply as the protocol describes it; not of infer
  InferResult infer;         // of infer only
  ServerInfo server;         // of connect only
};

}  // namespace npu::client
