// Where else than on this machine a service can be reached: the drop-in of its unit that says so,
// and what that means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "cli/services/survey.hpp"

namespace npu::cli {

struct Interface {
  std::string name;  // "docker0"
  std::string address;
};
// Of this machine, IPv4 before IPv6; none of link-local scope.
std::vector<Interface> interfaces();

struct Exposure {
  std::string hosts;      // for server.host: "127.0.0.1,172.17.0.1"
  std::string address;    // the new one, or "*"
  std::string interface;  // it belongs to; "" for all
  bool for_containers = false;
};

// bridge: name of an interface. kNotFound: there is none, or it has no IPv4 address.
Result<Exposure> expose_to_containers(const std::string& bridge, const std::vector<Interface>& all);
// address: one of this machine, or all: *, 0.0.0.0, ::. kInvalidArgument, kNotFound.
Result<Exposure> expose_to_network(const std::string& address, const std::vector<Interface>& all);

// What it means, in lines that end with one; before somebody says yes to it.
std::string consequences(const ServiceState& state, const Exposure& exposure);

// The drop-in, and its place below the folder of units.
std::string drop_in_text(const ServiceState& state, const Exposure& exposure);
std::string drop_in_path(const KnownService& service, const std::string& unit_dir);

}  // namespace npu::cli
