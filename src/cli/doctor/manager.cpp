// The manager: its socket, and whether it answers behind it.
#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <npu/blocking_client.hpp>

#include "base/account_name.hpp"
#include "base/version.hpp"
#include "cli/context.hpp"
#include "cli/doctor/doctor.hpp"

namespace npu::cli {
namespace {

bool in_group(gid_t gid) {
  if (::getegid() == gid) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return count > 0 &&
         std::find(groups.begin(), groups.begin() + count, gid) != groups.begin() + count;
}

Finding of_version(const std::string& server) {
  const std::string ours = "hailo-device-manager " + version();
  if (server.empty()) {
    return {"manager", Level::kWarning, "the manager speaks protocol version 1 only",
            "Upgrade hailo-device-manager: tensors then travel without base64"};
  }
  if (server != ours) {
    return {"manager", Level::kWarning, fmt::format("the manager is {}, this is {}", server, ours),
            "Restart it after an upgrade:  sudo systemctl restart hailo-device-manager"};
  }
  return {"manager", Level::kGood, server + " answers"};
}

}  // namespace

Findings check_socket(const Machine& machine) {
  const std::string path = socket_path_of(machine.client);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return {{"socket", Level::kError, fmt::format("no socket at {}", path),
             "Start the manager:  hailo-device-manager   (as a service: sudo systemctl start "
             "hailo-device-manager)"}};
  }
  if (!S_ISSOCK(info.st_mode)) {
    return {{"socket", Level::kError, fmt::format("{} is not a socket", path),
             "Move it away, then:  sudo systemctl restart hailo-device-manager"}};
  }
  // Of this machine, whatever the root is: the socket is.
  const std::string group = npu::group_name(info.st_gid);
  Findings findings{
      {"socket", Level::kGood,
       fmt::format("socket {} mode {:04o} group {}", path, info.st_mode & 07777U, group)}};
  if (::access(path.c_str(), W_OK) == 0) {
    findings.push_back({"socket.you", Level::kGood,
                        in_group(info.st_gid) ? fmt::format("you are in group {}", group)
                                              : "you may open it without being in its group"});
  } else {
    findings.push_back({"socket.you", Level::kError, fmt::format("you may not open {}", path),
                        join_group_advice(group)});
  }
  return findings;
}

Findings check_manager(const Machine& machine) {
  const std::string socket = socket_path_of(machine.client);
  BlockingDeviceClient client(machine.client);
  const auto server = client.connect();
  if (!server) {
    return {{"manager", Level::kError, "the manager does not answer: " + server.error().message,
             connect_advice(server.error().code, socket)}};
  }
  Findings findings{of_version(server->server)};
  const auto status = client.status();
  if (!status) {
    findings.push_back({"manager", Level::kError, "status failed: " + status.error().message,
                        reply_advice(status.error().code)});
    return findings;
  }
  if (const auto& broken = status->broken_reason) {
    findings.push_back({"manager.device", Level::kError, "the device runtime is broken: " + *broken,
                        "See  journalctl -u hailo-device-manager -e ; then restart it"});
  }
  if (const auto device = client.device_status(); device) {
    findings.push_back({"manager.device", Level::kGood,
                        "the manager has device " + status->device_id.value_or("-")});
  } else {
    findings.push_back({"manager.device", Level::kError,
                        "the manager has no device: " + device.error().message,
                        "See  journalctl -u hailo-device-manager -e"});
  }
  return findings;
}

}  // namespace npu::cli
