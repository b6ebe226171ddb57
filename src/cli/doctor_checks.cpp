#include "cli/doctor_checks.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <npu/blocking_client.hpp>

#include "base/version.hpp"
#include "cli/context.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace {

std::string group_name(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry != nullptr ? entry->gr_name : std::to_string(gid);
}

std::string mode_of(const struct stat& info) {
  return fmt::format("{:04o}", info.st_mode & 07777U);
}

bool in_group(gid_t gid) {
  if (::getegid() == gid) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return count > 0 &&
         std::find(groups.begin(), groups.begin() + count, gid) != groups.begin() + count;
}

bool is_device_name(const std::string& name) {
  return (name.starts_with("hailo") && name != "hailo") || name.starts_with("h1x-");
}

}  // namespace

std::vector<Finding> check_device_nodes(const DoctorPaths& paths) {
  std::vector<Finding> findings;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(paths.dev, failed)) {
    if (!is_device_name(entry.path().filename())) continue;
    struct stat info{};
    if (::stat(entry.path().c_str(), &info) != 0) continue;
    const std::string what = fmt::format("device node {} mode {} group {}", entry.path().string(),
                                         mode_of(info), group_name(info.st_gid));
    if ((info.st_mode & S_IRWXO) != 0) {
      findings.push_back(
          {Level::kWarning, what + ": everybody can use the NPU past the manager",
           "Install the udev rule of hailo-device-manager, then:  sudo udevadm trigger"});
    } else {
      findings.push_back({Level::kGood, what});
    }
  }
  if (!findings.empty()) return findings;
  return {
      {Level::kWarning, fmt::format("no device node ({}/hailo0 or {}/h1x-*)", paths.dev, paths.dev),
       "With a Hailo HAT: check its cable, install its driver (hailo-all) and reboot; see  dmesg | "
       "grep -i hailo\nWithout one: models run on the CPU, nothing is to be done"}};
}

std::vector<Finding> check_socket(const DoctorPaths& paths) {
  const std::string path = socket_path_of(paths.client);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return {{Level::kError, fmt::format("no socket at {}", path),
             "Start the manager:  sudo systemctl enable --now hailo-device-manager"}};
  }
  if (!S_ISSOCK(info.st_mode)) {
    return {{Level::kError, fmt::format("{} is not a socket", path),
             "Move it away, then:  sudo systemctl restart hailo-device-manager"}};
  }
  std::vector<Finding> findings{
      {Level::kGood,
       fmt::format("socket {} mode {} group {}", path, mode_of(info), group_name(info.st_gid))}};
  if (::access(path.c_str(), W_OK) == 0) {
    const bool member = in_group(info.st_gid);
    findings.push_back(
        {Level::kGood, member ? fmt::format("you are in group {}", group_name(info.st_gid))
                              : "you may open it without being in its group"});
  } else {
    findings.push_back(
        {Level::kError, fmt::format("you may not open {}", path),
         fmt::format("Join its group, then log in again:  sudo usermod -aG {} \"$USER\"",
                     group_name(info.st_gid))});
  }
  return findings;
}

std::vector<Finding> check_manager(const DoctorPaths& paths) {
  BlockingDeviceClient client(paths.client);
  const auto server = client.connect();
  if (!server) {
    return {{Level::kError, "the manager does not answer: " + server.error().message,
             advice_for(server.error(), socket_path_of(paths.client))}};
  }
  std::vector<Finding> findings;
  const std::string ours = "hailo-device-manager " + version();
  if (server->server.empty()) {
    findings.push_back({Level::kWarning, "the manager speaks protocol version 1 only",
                        "Upgrade hailo-device-manager: tensors then travel without base64"});
  } else if (server->server != ours) {
    findings.push_back(
        {Level::kWarning, fmt::format("the manager is {}, this is {}", server->server, ours),
         "Restart it after an upgrade:  sudo systemctl restart hailo-device-manager"});
  } else {
    findings.push_back({Level::kGood, server->server + " answers"});
  }
  const auto status = client.status();
  if (!status) {
    findings.push_back({Level::kError, "status failed: " + status.error().message,
                        advice_for(status.error(), socket_path_of(paths.client))});
    return findings;
  }
  if (const auto broken = text_at(*status, "runtime_broken_reason"); broken != "-") {
    findings.push_back({Level::kError, "the device runtime is broken: " + broken,
                        "See  journalctl -u hailo-device-manager -e ; then restart it"});
  }
  if (const auto device = client.device_status(); device) {
    findings.push_back({Level::kGood, "device " + text_at(*status, "device_id")});
  } else {
    findings.push_back({Level::kError, "no device: " + device.error().message,
                        "See  journalctl -u hailo-device-manager -e"});
  }
  return findings;
}

std::vector<Finding> check_model_dirs(const DoctorPaths& paths) {
  std::vector<Finding> findings;
  for (const auto& dir : paths.model_dirs) {
    std::error_code failed;
    if (!fs::is_directory(dir, failed)) {
      findings.push_back({Level::kWarning, fmt::format("no model directory {}", dir),
                          "Nothing is to be done if your models lie elsewhere (model_dirs)"});
      continue;
    }
    if (::access(dir.c_str(), R_OK | X_OK) != 0) {
      findings.push_back({Level::kWarning, fmt::format("you may not read {}", dir),
                          fmt::format("sudo chmod a+rX {}", dir)});
      continue;
    }
    const auto files = std::distance(fs::directory_iterator(dir, failed), fs::directory_iterator());
    findings.push_back({Level::kGood, fmt::format("model directory {} ({} entries)", dir, files)});
  }
  return findings;
}

std::vector<Finding> examine(const DoctorPaths& paths) {
  std::vector<Finding> all;
  for (const auto check : {check_device_nodes, check_socket, check_manager, check_model_dirs}) {
    auto findings = check(paths);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  return all;
}

int exit_code_of(const std::vector<Finding>& findings) {
  Level worst = Level::kGood;
  for (const auto& finding : findings) worst = std::max(worst, finding.level);
  return static_cast<int>(worst);
}

}  // namespace npu::cli
