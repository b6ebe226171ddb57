// The machine as the doctor sees it: files below a root, the answers of hailo-device-probe, users.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <sys/stat.h>

#include <npu/client_types.hpp>
#include <npu/result.hpp>

#include "cli/services/survey.hpp"

namespace npu::cli {

using ProbeAnswer = Result<boost::json::object>;

// The manager's where nothing else is configured.
std::vector<std::string> usual_model_dirs();

struct FreeSpace {
  std::uint64_t bytes = 0;
  std::uint64_t files = std::numeric_limits<std::uint64_t>::max();
};
// Of the file system of a folder; none where there is no such folder.
std::optional<FreeSpace> free_space(const std::string& path);

struct Machine {
  std::string root;  // "" but for a made-up machine
  ClientOptions client;
  // As the manager's; the last part may hold * and ?.
  std::vector<std::string> model_dirs = usual_model_dirs();
  std::string service_user = "hailo-manager";
  std::string group_id = "SHARED";

  std::string config_file;     // the manager's, where there is one
  std::string config_problem;  // why it cannot be read

  // What the probe says; its kUnavailable: there is no probe.
  ProbeAnswer hardware = fail(ErrorCode::kUnavailable, "not asked");
  ProbeAnswer versions = fail(ErrorCode::kUnavailable, "not asked");
  ProbeAnswer scan = fail(ErrorCode::kUnavailable, "not asked");
  // What it says of a model file; may be empty.
  std::function<ProbeAnswer(const std::string& path)> inspect;

  // What systemd, the services and their sockets say; empty where they were not asked.
  std::vector<ServiceState> services;
  std::function<std::optional<FreeSpace>(const std::string& path)> free_space = cli::free_space;

  // Model directories are named by the user and not below root.
  std::string at(std::string_view path) const { return root + std::string(path); }
  // The file's text without white space at its end; none where it cannot be read.
  std::optional<std::string> text(std::string_view path) const;
  // Names of a directory's entries, sorted.
  std::vector<std::string> names(std::string_view directory) const;

  // The objects of a list of `hardware`, and of the devices of `scan`.
  std::vector<boost::json::object> hardware_list(std::string_view name) const;
  std::vector<boost::json::object> devices() const;
  // A Hailo chip on the bus or a device node.
  bool has_hardware() const;
  bool is_raspberry_pi() const;
};

// Whether a user of /etc/passwd and /etc/group below the root may do with a file what the bits say
// (R_OK, W_OK, X_OK); none where there is no such user.
std::optional<bool> may(const Machine& machine, const std::string& user, const struct stat& info,
                        int bits);
// "root" of a number, by /etc/group below the root.
std::string group_name(const Machine& machine, gid_t group);

}  // namespace npu::cli
