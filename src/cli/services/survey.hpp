// The state of all services of this machine: what systemd, their configuration, their sockets and
// they themselves say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/services/listeners.hpp"
#include "cli/services/program_config.hpp"
#include "cli/services/service_table.hpp"
#include "cli/services/systemd.hpp"

namespace npu::cli {

struct ServiceState {
  const KnownService* service = nullptr;
  std::optional<UnitState> unit;  // none: systemd does not run here
  std::optional<ProgramConfig> config;
  Error config_error;              // where there is none
  std::string host;                // as configured
  int port = 0;                    // 0: none, or any free one
  std::vector<PortHolder> in_way;  // other programs on that port; looked for where it is not ready
  bool ready = false;
  std::string why_not;         // in words; "" where it is ready or was not asked
  bool model_missing = false;  // no file of it is on this machine
  std::string pull;            // the command that brings it, where there is one
  std::string model;

  bool installed() const;
  // "127.0.0.1:5000"; "" where it is not known.
  std::string address() const;
  std::string url(std::string_view path) const;
  // Of server.api_keys, where they may be read.
  std::string bearer() const;
};

// What to do about a port that another program holds: the setting that moves the service.
std::string port_advice(const ServiceState& state);

// What to do about a model that is missing.
std::string model_advice(const ServiceState& state);

// With systemd and the programs only: unit, config, host and port.
std::vector<ServiceState> look_up(const std::vector<const KnownService*>& services);

// Asks them all at once whether they are ready, within `limit`.
void ask_ready(std::vector<ServiceState>& states, Millis limit);

// Who holds its port, where it is not itself.
std::vector<PortHolder> strangers_on_port(const ServiceState& state);

// What /health/ready said; fills ready, why_not, model_missing and pull.
void read_readiness(ServiceState& state, int status, const std::string& body);

}  // namespace npu::cli
