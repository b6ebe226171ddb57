// Device nodes, who may open them and who has.
#include <algorithm>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kGiveToGroup =
    "Give it to a group of its own:\n"
    "sudo groupadd --system --force hailo\n"
    "echo 'KERNEL==\"hailo[0-9]*|h1x-*\", GROUP=\"hailo\", MODE=\"0660\"' | sudo tee "
    "/etc/udev/rules.d/99-hailo.rules\n"
    "sudo udevadm control --reload && sudo udevadm trigger\n";

bool is_device_name(const std::string& name) {
  return (name.starts_with("hailo") && name != "hailo") || name.starts_with("h1x-");
}

// As the kernel calls them, and what lies in /dev under either naming.
std::set<std::string> node_paths(const Machine& machine) {
  std::set<std::string> paths;
  for (const auto& node : machine.hardware_list("nodes")) paths.insert(text_of(node, "path"));
  for (const auto& name : machine.names("/dev")) {
    if (is_device_name(name)) paths.insert("/dev/" + name);
  }
  return paths;
}

Finding service_may(const Machine& machine, const std::string& path, const struct stat& info) {
  const auto allowed = may(machine, machine.service_user, info, R_OK | W_OK);
  const std::string user = machine.service_user;
  if (!allowed) {
    return {"node.service", Level::kGood,
            fmt::format("there is no user {}: the service is not installed as a package", user)};
  }
  if (*allowed) {
    return {"node.service", Level::kGood, fmt::format("the service ({}) may open {}", user, path)};
  }
  const bool by_group =
      info.st_gid != 0 && (info.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP);
  const std::string join = fmt::format("sudo usermod -aG {} {}",
                                       by_group ? group_name(machine, info.st_gid) : "hailo", user);
  return {"node.service", Level::kError,
          fmt::format("the service ({}) may not open {}", user, path),
          by_group ? join + "  and restart the service"
                   : fmt::format("{}{}  and restart the service", kGiveToGroup, join)};
}

Findings of_node(const Machine& machine, const std::string& path) {
  struct stat info{};
  if (::stat(machine.at(path).c_str(), &info) != 0) {
    return {{"node", Level::kError,
             fmt::format("the kernel has a device for {}, and it is absent", path),
             "In a container: pass the node in (--device). Else:  sudo udevadm trigger"}};
  }
  Findings findings;
  const std::string what = fmt::format("device node {} mode {:04o} group {}", path,
                                       info.st_mode & 07777U, group_name(machine, info.st_gid));
  if ((info.st_mode & S_IRWXO) != 0) {
    findings.push_back({"node", Level::kWarning,
                        what + ": every user can use the NPU past the manager", kGiveToGroup});
  } else {
    findings.push_back({"node", Level::kGood, what});
  }
  findings.push_back(service_may(machine, path, info));
  const bool you = ::access(machine.at(path).c_str(), R_OK | W_OK) == 0;
  findings.push_back(
      {"node.you", Level::kGood,
       you ? fmt::format("you may open {} yourself", path)
           : fmt::format("you may not open {} yourself; only the service needs to", path)});
  return findings;
}

// What follows a word in a text whose parts end with a space or a zero.
std::string value_after(const std::string& text, std::string_view word) {
  const auto found = text.find(word);
  if (found == std::string::npos) return {};
  const auto begin = found + word.size();
  return text.substr(begin, text.find_first_of(std::string_view(" \0\n", 3), begin) - begin);
}

// The group id that a program uses, as far as it shows: "" if it does not.
std::string group_id_of(const Machine& machine, const std::string& pid, const std::string& name) {
  if (name.starts_with("rpicam-")) return "UNIQUE";
  const std::string words = machine.text("/proc/" + pid + "/cmdline").value_or("");
  if (auto id = value_after(words, "vdevice-group-id="); !id.empty()) return id;
  if (name != "hailo-ollama") return {};
  const auto environment = machine.text("/proc/" + pid + "/environ");
  if (!environment) return {};
  const std::string id = value_after(*environment, "HAILO_OLLAMA_VDEVICE_GROUP_ID=");
  return id.empty() ? "UNIQUE" : id;
}

Finding of_holder(const Machine& machine, const json::object& holder) {
  const std::string name = text_of(holder, "name");
  const auto pid = std::to_string(npu::json::Fields(holder).integer("pid").value_or(0));
  const std::string who = fmt::format("{} (process {})", name, pid);
  if (name.starts_with("hailo-device-")) {
    return {"holder", Level::kGood, who + " has the device open; it belongs to the manager"};
  }
  const std::string id = group_id_of(machine, pid, name);
  if (!id.empty() && id != machine.group_id) {
    const bool ollama = name == "hailo-ollama";
    return {"holder.group", Level::kError,
            fmt::format("{} has the device open in the group {}, the manager uses {}", who, id,
                        machine.group_id),
            ollama ? fmt::format("From 5.3 on start it with HAILO_OLLAMA_VDEVICE_GROUP_ID={}; "
                                 "before, it cannot share: stop it",
                                 machine.group_id)
                   : fmt::format("Only one of them can use the chip. Give it the group id {}, or "
                                 "stop it",
                                 machine.group_id)};
  }
  if (name == "hailo-ollama") {
    return {"holder", Level::kWarning, fmt::format("{} has the device open", who),
            "While it has a model loaded no other language model can be: the chip has one KV "
            "cache. Let the manager serve Ollama's clients instead"};
  }
  return {"holder", Level::kWarning, fmt::format("{} has the device open past the manager", who),
          fmt::format("It shares the chip only with the group id {}; memory that the manager "
                      "evicts comes back when it ends",
                      machine.group_id)};
}

}  // namespace

Findings check_nodes(const Machine& machine) {
  const auto paths = node_paths(machine);
  if (paths.empty()) {
    if (!machine.has_hardware()) return {};
    return {{"node", Level::kError, "the chip has no device node (/dev/hailo0 or /dev/h1x-0)",
             "The driver did not start it; see  sudo dmesg | grep -i hailo"}};
  }
  Findings findings;
  for (const auto& path : paths) {
    for (auto& finding : of_node(machine, path)) findings.push_back(std::move(finding));
  }
  return findings;
}

Findings check_holders(const Machine& machine) {
  if (machine.hardware_list("nodes").empty()) return {};
  Findings findings;
  for (const auto& holder : machine.hardware_list("holders")) {
    findings.push_back(of_holder(machine, holder));
  }
  if (::geteuid() != 0) {
    findings.push_back(
        {"holder.hidden", Level::kGood,
         "programs of other users that have the device open are not seen; sudo shows "
         "them"});
  } else if (findings.empty()) {
    findings.push_back({"holder", Level::kGood, "no program has the device open"});
  }
  return findings;
}

}  // namespace npu::cli
