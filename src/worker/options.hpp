// Command line of hailo-device-worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "device/registry.hpp"
#include "families/family.hpp"

namespace npu::worker {

struct Options {
  std::string lane;
  int link_fd = -1;
  std::string device = "auto";
  device::OpenOptions open;
  std::size_t context_bytes = families::kDefaultContextBytes;
  bool confine = true;
  std::vector<std::string> also_opens;  // files and folders, for the device's library
  int last_words_fd = -1;               // a pipe; see confine/confine.hpp
  log::Level log_level = log::Level::kInfo;
};

// A number is the exit status to end with: help or a mistake was printed.
std::optional<int> parse_options(int argc, const char* const* argv, Options& options);

}  // namespace npu::worker
