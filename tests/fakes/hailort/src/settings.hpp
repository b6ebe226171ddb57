// How the environment describes the HailoRT and the chip that are played.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace hailo_fake {

struct Version {
  int major = 5;
  int minor = 2;
  int revision = 0;

  bool operator==(const Version&) const = default;
};

struct Settings {
  Version version;      // of the library
  Version firmware;     // of the chip; the same unless HAILO_FAKE_FIRMWARE says another
  std::string profile;  // of the simulated chip; empty: hailo10h
  std::string state;    // file that processes of one chip share; empty: a chip of this process
  std::string faults;   // fault file; empty: none
  std::string runs;     // file for what fake_runs.hpp reads; empty: none
  double time_scale = 1;

  // Aborts the process on values that make no sense: it is a test's mistake.
  static Settings from_environment();

  // Everything that takes time takes this part of it, except times that callers give.
  npu::Duration scaled(npu::Duration real) const;
  bool at_least(int minor) const { return version.minor >= minor; }
  bool operator==(const Settings&) const = default;
};

// Says what is wrong with a test and ends it.
[[noreturn]] void give_up(const std::string& what);

}  // namespace hailo_fake
