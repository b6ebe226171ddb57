// Examines a machine and says what keeps programs from the NPU, and what to do about it.
//
// Each function looks at one thing; what is not there to be looked at is no finding.
// docs/reference/hailoctl-doctor.md lists them all.
#pragma once

#include <functional>

#include "cli/doctor/finding.hpp"
#include "cli/doctor/machine.hpp"

namespace npu::cli {

Findings check_probe(const Machine& machine);          // hailo-device-probe itself
Findings check_chips(const Machine& machine);          // on the PCI bus, and their PCIe links
Findings check_drivers(const Machine& machine);        // the right kernel module
Findings check_versions(const Machine& machine);       // driver, library, adapter and firmware
Findings check_nodes(const Machine& machine);          // device nodes and who may open them
Findings check_holders(const Machine& machine);        // who has them open, and with which group id
Findings check_health(const Machine& machine);         // what the device says; its temperature
Findings check_memory(const Machine& machine);         // the kernel's contiguous memory
Findings check_config(const Machine& machine);         // the manager's configuration file
Findings check_models(const Machine& machine);         // model directories and their HEF files
Findings check_socket(const Machine& machine);         // the manager's socket and your right to it
Findings check_manager(const Machine& machine);        // the manager behind it
Findings check_services(const Machine& machine);       // systemd units, and their group
Findings check_ports(const Machine& machine);          // whether services serve, and their ports
Findings check_packages(const Machine& machine);       // Debian packages
Findings check_installations(const Machine& machine);  // others of the same programs
Findings check_space(const Machine& machine);          // room in file systems

// How the machine's answers come; all take their time.
struct Asking {
  std::function<void(Machine&)> hardware;  // fills `hardware`
  std::function<void(Machine&)> device;    // fills `versions` and `scan`
  std::function<void(Machine&)> services;  // fills `services`; may be empty
};
using OnFinding = std::function<void(const Finding& finding)>;
// All of them; each is told as soon as it is found.
Findings examine(Machine& machine, const Asking& asking, const OnFinding& on_finding);
// 0: no errors, 1: errors.
int exit_code_of(const Findings& findings);

}  // namespace npu::cli
