// Model directories and the HEF files in them.
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "store/hef_header.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 3;

struct Seen {
  int files = 0;
  int hefs = 0;
  Findings bad;
};

void look_at(const Machine& machine, const fs::path& file, Seen& seen) {
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
  }
}

Findings of_directory(const Machine& machine, const std::string& dir) {
  std::error_code failed;
  if (!fs::is_directory(dir, failed)) {
    return {{"model.dir", Level::kWarning, fmt::format("no model directory {}", dir),
             "Nothing is to be done if your models lie elsewhere (model_dirs)"}};
  }
  if (::access(dir.c_str(), R_OK | X_OK) != 0) {
    return {{"model.dir", Level::kWarning, fmt::format("you may not read {}", dir),
             fmt::format("sudo chmod a+rX {}", dir)}};
  }
  Seen seen;
  for (auto it = fs::recursive_directory_iterator(
           dir, fs::directory_options::skip_permission_denied, failed);
       !failed && it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (it.depth() >= kDeepest) it.disable_recursion_pending();
    if (!it->is_directory(failed)) look_at(machine, it->path(), seen);
  }
  Findings findings{
      {"model.dir", Level::kGood,
       fmt::format("model directory {}: {} files, {} of them HEF", dir, seen.files, seen.hefs)}};
  findings.insert(findings.end(), seen.bad.begin(), seen.bad.end());
  return findings;
}

}  // namespace

Findings check_models(const Machine& machine) {
  Findings findings;
  for (const auto& dir : machine.model_dirs) {
    for (auto& finding : of_directory(machine, dir)) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace npu::cli
