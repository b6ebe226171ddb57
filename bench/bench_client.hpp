// A blocking client of a benchmark's manager, patient enough for a simulated answer of seconds.
#pragma once

#include <string>

#include <npu/blocking_client.hpp>

#include "manager_process.hpp"

namespace npu::bench {

inline BlockingDeviceClient client_of(const ManagerProcess& manager, const std::string& name) {
  ClientOptions options;
  options.socket_path = manager.socket_path();
  options.name = name;
  options.timeout = std::chrono::seconds(60);
  return BlockingDeviceClient(options);
}

}  // namespace npu::bench
