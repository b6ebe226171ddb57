// systemctl, found in PATH. Of another root than / only what is enabled can be asked and changed:
// what runs there, if anything, is no business of this machine's systemd.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli::migrate {

class Units {
 public:
  // root: "/" for this machine.
  explicit Units(std::string root) : root_(std::move(root)) {}

  bool is_enabled(const std::string& unit) const;
  // Runs, or tries to, or has failed to: old programs do not start any more once our packages are
  // there. Not what somebody has stopped.
  bool is_wanted(const std::string& unit) const;
  Status stop_and_disable(const std::string& unit) const;
  Status enable(const std::string& unit) const;
  // Does not wait until it is ready.
  Status start(const std::string& unit) const;
  Status reload() const;

 private:
  bool here() const { return root_ == "/"; }
  bool says_yes(std::vector<std::string> words) const;
  Status run(std::vector<std::string> words) const;
  std::vector<std::string> command(std::vector<std::string> words) const;

  std::string root_;
};

}  // namespace npu::cli::migrate
