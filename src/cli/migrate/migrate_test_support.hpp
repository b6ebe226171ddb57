// A root with an installation of the Python project, as small as a test needs it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "cli/migrate/tree.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::cli::migrate {

class OldRoot {
 public:
  OldRoot() {
    put("/usr/lib/systemd/system/hailo-device-manager.service", "[Service]\n");
    put("/etc/systemd/system/hailo-device-manager.service",
        "[Service]\nExecStart=/opt/hailo-device-manager/venv/bin/python3\n");
    put("/etc/hailo/device-manager.env", "HAILO_DEVICE_MAX_MESSAGE_BYTES=8388608\n");
  }

  void add(const std::string& service, const std::string& config) const {
    put("/usr/lib/systemd/system/" + service + ".service", "[Service]\n");
    put("/etc/systemd/system/" + service + ".service",
        "[Service]\nExecStart=/opt/" + service + "/venv/bin/python3\n");
    put("/etc/xdg/" + service + "/" + service + ".json", config);
    put("/etc/hailo/" + service + ".yaml", config);
  }

  std::string at(const std::string& path) const { return folder_.path("root" + path); }
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
  }
  std::string text(const std::string& path) const {
    std::ifstream file(at(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Tree tree() const { return Tree::open(folder_.path("root")).value(); }
  // Outside of the root.
  std::string beside(const std::string& name) const { return folder_.path(name); }

  // Every file below the root, with its text and its mode; links with where they lead.
  std::map<std::string, std::string> everything() const {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> out;
    const std::string root = folder_.path("root");
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string path = entry.path().string().substr(root.size());
      const auto mode = static_cast<int>(entry.symlink_status().permissions());
      if (entry.is_symlink()) {
        out[path] = "-> " + fs::read_symlink(entry.path()).string();
      } else if (entry.is_regular_file()) {
        out[path] = std::to_string(mode) + " " + text(path);
      }
    }
    return out;
  }

 private:
  fakes::TempDir folder_;
};

}  // namespace npu::cli::migrate
