// What systemd knows of units, and what it is told to do with them, through systemctl.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

struct UnitState {
  std::string name;    // "hailo-depth.service"
  std::string load;    // "loaded", "not-found", "masked", "bad-setting"
  std::string active;  // "active", "activating", "failed", ...
  std::string sub;     // "running", "auto-restart", ...
  std::string boot;    // "enabled", "disabled", "masked", ...; "" where there is no unit
  std::string result;  // why it failed: "exit-code", "watchdog", "oom-kill"
  std::string user;    // whom it runs as; "" for root
  std::string file;    // where it stands
  std::vector<std::string> drop_ins;     // files that change it
  std::vector<std::string> command;      // that starts it; empty where there is none
  std::vector<std::string> environment;  // NAME=VALUE
  std::int64_t main_pid = 0;             // 0: it does not run
  int restarts = 0;
  std::optional<double> up_seconds;  // since it is active
  std::optional<std::uint64_t> memory_bytes;

  bool installed() const { return load != "not-found" && !load.empty(); }
  bool runs() const { return active == "active"; }
  // It runs, or will.
  bool wanted() const { return runs() || active == "activating" || active == "reloading"; }
};

class Systemd {
 public:
  // root: of a made-up machine, whose systemctl is taken.
  explicit Systemd(const std::string& root = {});

  // In the order of the names; also for units that there are not. kUnavailable: systemd does not
  // run here.
  Result<std::vector<UnitState>> show(const std::vector<std::string>& units) const;

  // systemctl with these words, which change something. kPermission says how to be allowed to.
  Status tell(std::vector<std::string> words) const;

 private:
  std::string systemctl_;
};

// The output of `systemctl show`: blocks of NAME=VALUE. now: seconds since boot.
std::vector<UnitState> parse_units(std::string_view text, double now);

// Words as systemd prints them, in quotes where they have blanks.
std::vector<std::string> quoted_words(std::string_view text);

}  // namespace npu::cli
