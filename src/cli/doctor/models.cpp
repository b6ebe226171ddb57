// Model directories and the HEF files in them.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"
#include "store/hef_header.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 3;

constexpr std::chrono::seconds kInspect{60};  // of all files together

struct Seen {
  int files = 0;
  int hefs = 0;
  Findings bad;
};

using Deadline = std::chrono::steady_clock::time_point;

// The first folder on the way to a file that the service may not enter; "" where there is none.
std::string closed_folder(const Machine& machine, const fs::path& path) {
  fs::path folder;
  for (const auto& part : path.parent_path()) {
    folder /= part;
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return {};
    if (may(machine, machine.service_user, info, X_OK) == false) return folder.string();
  }
  return {};
}

// A file for other chips than those that are here. HailoRT says so, as long as it does not take
// too long.
void compare_chip(const Machine& machine, const std::string& path, Deadline deadline, Seen& seen) {
  const auto devices = machine.devices();
  if (!machine.inspect || devices.empty() || std::chrono::steady_clock::now() > deadline) return;
  const auto content = machine.inspect(path);
  const auto* names = content ? npu::json::Fields(*content).list("architectures") : nullptr;
  if (names == nullptr || names->empty()) return;
  std::string chip;
  for (const auto& device : devices) {
    const std::string name = text_of(device, "architecture");
    if (name.empty()) continue;
    if (std::ranges::find(*names, boost::json::value(name)) != names->end()) return;
    chip = name;
  }
  if (chip.empty()) return;
  seen.bad.push_back({"model.chip", Level::kWarning,
                      fmt::format("{} is made for {}, the chip is a {}", path,
                                  boost::json::serialize(*names), chip),
                      "Get the file for this chip, or remove it"});
}

void look_at(const Machine& machine, const fs::path& file, Deadline deadline, Seen& seen) {
  ++seen.files;
  if (file.extension() != ".hef") return;
  ++seen.hefs;
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    seen.bad.push_back({"model", Level::kError, fmt::format("{} leads nowhere", file.string()),
                        "Remove the link, or put back what it led to"});
    return;
  }
  const auto header = store::read_hef_header(file);
  if (!header && header.error().code == ErrorCode::kMalformed) {
    seen.bad.push_back({"model", Level::kError,
                        fmt::format("{}: {}", file.string(), header.error().message),
                        "Get the file again; hailoctl inspect shows what is in it"});
  } else if (!header) {
    seen.bad.push_back({"model", Level::kWarning, header.error().message,
                        fmt::format("sudo chmod a+r {}", file.string())});
  } else if (may(machine, machine.service_user, info, R_OK) == false) {
    seen.bad.push_back(
        {"model", Level::kError,
         fmt::format("the service ({}) may not read {}", machine.service_user, file.string()),
         fmt::format("sudo chmod a+r {}", file.string())});
  } else {
    compare_chip(machine, file.string(), deadline, seen);
  }
}

// A folder that a service keeps to itself, as hailo-face does, is right as it is.
Finding of_private_folder(const std::string& dir, int hefs) {
  const std::string what = fmt::format("{} is for its service alone, not for models", dir);
  if (hefs == 0) return {"model.dir", Level::kGood, what};
  return {"model.dir", Level::kWarning, fmt::format("{}; {} HEF files are in it", what, hefs),
          fmt::format("Move them:  sudo mv {}/*.hef /var/lib/hailo/models/", dir)};
}

// by_pattern: `named` stands for several, such as the services' own.
Findings of_directory(const Machine& machine, const std::string& dir, bool by_pattern,
                      Deadline deadline) {
  std::error_code failed;
  if (!fs::is_directory(dir, failed)) {
    return {{"model.dir", Level::kWarning, fmt::format("no model directory {}", dir),
             "Nothing is to be done if your models lie elsewhere (models.dirs in "
             "/etc/hailo/manager.yaml)"}};
  }
  if (by_pattern && ::access(dir.c_str(), R_OK | X_OK) != 0) return {of_private_folder(dir, 0)};
  if (::access(dir.c_str(), R_OK | X_OK) != 0) {
    return {{"model.dir", Level::kWarning, fmt::format("you may not read {}", dir),
             fmt::format("sudo chmod a+rX {}", dir)}};
  }
  Seen seen;
  for (auto it = fs::recursive_directory_iterator(
           dir, fs::directory_options::skip_permission_denied, failed);
       !failed && it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (it.depth() >= kDeepest) it.disable_recursion_pending();
    if (!it->is_directory(failed)) look_at(machine, it->path(), deadline, seen);
  }
  const std::string closed = closed_folder(machine, fs::path(dir) / "x");
  if (by_pattern && closed == dir) return {of_private_folder(dir, seen.hefs)};
  Findings findings{
      {"model.dir", Level::kGood,
       fmt::format("model directory {}: {} files, {} of them HEF", dir, seen.files, seen.hefs)}};
  if (!closed.empty()) {
    findings.push_back(
        {"model.dir", Level::kError,
         fmt::format("the service ({}) may not enter {}", machine.service_user, closed),
         fmt::format("sudo chmod a+x {}", closed)});
  }
  findings.insert(findings.end(), seen.bad.begin(), seen.bad.end());
  return findings;
}

// Those that a pattern names; a name without * and ? is itself, there or not.
std::vector<std::string> folders_of(const std::string& named) {
  if (named.find_first_of("*?") == std::string::npos) return {named};
  std::vector<std::string> out;
  glob_t found{};
  if (::glob(named.c_str(), GLOB_ONLYDIR, nullptr, &found) == 0) {
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  std::erase_if(out, [](const std::string& path) {
    std::error_code failed;
    return !fs::is_directory(path, failed);
  });
  return out;
}

}  // namespace

Findings check_models(const Machine& machine) {
  Findings findings;
  const auto deadline = std::chrono::steady_clock::now() + kInspect;
  for (const auto& named : machine.model_dirs) {
    for (const auto& dir : folders_of(named)) {
      for (auto& finding : of_directory(machine, dir, dir != named, deadline)) {
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace npu::cli
