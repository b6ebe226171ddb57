// hailo-device-probe, which asks HailoRT in a process of its own: here it hangs and crashes alone.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <npu/result.hpp>

#include "cli/child.hpp"

namespace npu::cli {

// How long the probe may take that reads files only, that loads libhailort, and that asks the
// device, of which a call gives up after 10 s.
inline constexpr std::chrono::seconds kLookWithin{15};
inline constexpr std::chrono::seconds kLoadWithin{30};
inline constexpr std::chrono::seconds kAskWithin{60};

// Without any of it installed: how a caller knows.
inline constexpr int kProbeNoAdapter = 3;

class HailortProbe {
 public:
  // --adapter-dir of a subcommand.
  void add_to(CLI::App& command);

  // The program: $HAILO_DEVICE_PROBE, else beside this one, else where it is installed.
  // kUnavailable where it is not.
  Result<std::string> program() const;
  Result<ChildResult> run(std::vector<std::string> words, Millis limit) const;

  // The object that it prints. An error that it reports comes with the probe's code and text;
  // kDeadlineExceeded where it hangs, kInternal where it crashes.
  Result<boost::json::object> ask(std::vector<std::string> words, Millis limit) const;

 private:
  std::string adapter_dir_;
};

// What the output of a probe that has ended means, which is its last line; see HailortProbe::ask.
Result<boost::json::object> answer_of(const ChildResult& child);
// What a check said before, reading by reading; also where it did not come to its end.
boost::json::object readings_of(const ChildResult& child);

}  // namespace npu::cli
