#include "cli/model_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "cli/files.hpp"
#include "cli/manager_config.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"
#include "store/model_dirs.hpp"
#include "store/usual_model_dirs.hpp"

namespace npu::cli {
namespace {

constexpr Millis kAskManager{5'000};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> dirs_of_environment() {
  std::vector<std::string> dirs;
  std::istringstream text(variable("HAILO_MODEL_DIRS"));
  for (std::string dir; std::getline(text, dir, ':');) {
    if (!dir.empty()) dirs.push_back(dir);
  }
  return dirs;
}

// Empty where there is no configuration file that names some. problem: why one does not count.
std::vector<std::string> dirs_of_config(std::string& problem) {
  const std::string named = variable("HAILO_MANAGER_CONFIG");
  const std::string path = named.empty() ? kManagerConfigFile : named;
  std::ifstream file(path);
  if (!file) return {};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto config = parse_manager_config(text);
  if (config) return config->model_dirs;
  problem = fmt::format("{} cannot be read, and does not count: {}", path, config.error().message);
  return {};
}

// Where the manager looks.
std::vector<std::string> dirs_of_manager(std::string& config_problem) {
  auto dirs = dirs_of_environment();
  if (dirs.empty()) dirs = dirs_of_config(config_problem);
  return dirs.empty() ? store::usual_model_dirs(NPU_DATADIR) : dirs;
}

using Release = std::array<int, 3>;

// The three numbers that a version begins with.
std::optional<Release> release_of(std::string_view text) {
  Release numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int& number : numbers) {
    if (&number != numbers.data() && (at == end || *at++ != '.')) return std::nullopt;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    at = stop;
  }
  return numbers;
}

}  // namespace

void ModelStore::add_to(CLI::App& command) {
  const std::string from_environment = variable("HAILO_CATALOGUE");
  catalogue_dir_ = from_environment.empty() ? NPU_DATADIR "/catalogue" : from_environment;
  dirs_ = dirs_of_manager(config_problem_);
  dir_ = store::ModelDirs(dirs_).suggestion();
  command.add_option("--catalogue", catalogue_dir_, "The catalogue's folder")
      ->capture_default_str();
  command.add_option("--dir", dir_, "The folder that models are fetched into")
      ->capture_default_str();
}

const store::Catalogue& ModelStore::catalogue() {
  if (!read_) {
    read_ = true;
    dir_ = absolute_path(dir_);
    std::vector<std::string> problems;
    if (!config_problem_.empty()) problems.push_back(config_problem_);
    catalogue_ = store::Catalogue::read(catalogue_dir_, problems);
    for (const auto& problem : problems) {
      fmt::print(stderr, "hailoctl: {}\n", for_terminal(problem));
    }
    if (catalogue_.entries().empty()) {
      fmt::print(stderr, "hailoctl: there is no catalogue in {}\n", catalogue_dir_);
    }
  }
  return catalogue_;
}

Result<const store::CatalogueEntry*> ModelStore::entry(const std::string& name) {
  const auto* found = catalogue().by_name(name);
  if (found == nullptr) found = catalogue().by_file(name);
  if (found != nullptr) return found;
  return fail(ErrorCode::kNotFound,
              fmt::format("the catalogue has no model of the name {}", for_terminal(name)));
}

std::string ModelStore::installed(const store::CatalogueFile& file) const {
  std::vector<std::string> dirs = dirs_;
  dirs.insert(dirs.begin(), dir_);
  const auto found = store::ModelDirs(std::move(dirs)).find(file.path);
  return found ? found->path : std::string();
}

DeviceHere device_here(const Context& context, const HailortProbe& probe) {
  ClientOptions options = context.client_options();
  options.timeout = std::min(options.timeout, kAskManager);
  BlockingDeviceClient client(options);
  if (client.connect()) {
    if (const auto device = client.device_status()) {
      if (device->id == "cpu") return {"onnx", ""};
      return {to_lower(device->architecture), device->firmware};
    }
  }
  const auto scan =
      probe.ask({"scan"}, std::min<Millis>(context.client_options().timeout, kLookWithin));
  const auto* devices = scan ? npu::json::Fields(*scan).list("devices") : nullptr;
  if (devices == nullptr) return {};
  for (const auto& device : *devices) {
    if (!device.is_object()) continue;
    const std::string architecture = text_of(device.get_object(), "architecture");
    if (architecture.empty()) continue;
    return {to_lower(architecture), text_of(device.get_object(), "firmware")};
  }
  return {};
}

bool is_newer(const std::string& release, const std::string& than) {
  const auto wanted = release_of(release);
  const auto there = release_of(than);
  return wanted && there && *wanted > *there;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 3> kUnits{"kB", "MB", "GB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string devices_of(const store::CatalogueEntry& entry) {
  std::vector<std::string> names;
  names.reserve(entry.files.size());
  for (const auto& [device, file] : entry.files) names.push_back(device);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace npu::cli
