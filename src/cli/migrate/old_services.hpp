// The Python project's services as its installers leave them, and what becomes of each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::cli::migrate {

struct OldService {
  enum class Becomes {
    kOurs,    // the program of the same name takes its place, where its package is installed
    kGoesOn,  // there is none yet; it works with our manager as it did with its own
    kEnds,    // there is none, and it cannot go on beside us
  };
  std::string_view name;  // of its unit, its user, its folders below /opt and /var/lib
  Becomes becomes = Becomes::kOurs;
  // The file that it reads when it runs; of those that read a rendered one, /etc/hailo/<name>.yaml
  // is what that is made of.
  std::string_view reads;
  std::string_view host_key = "server.host";
  std::string_view default_host = "0.0.0.0";
  // Of those that end or go on: what there is to know.
  std::string_view why = {};
  // Where its models are, below its own state folder.
  std::string_view models = {};
};

// The device manager first.
const std::vector<OldService>& old_services();

inline constexpr std::string_view kManager = "hailo-device-manager";
inline constexpr std::string_view kModels = "/var/lib/hailo/models";

}  // namespace npu::cli::migrate
