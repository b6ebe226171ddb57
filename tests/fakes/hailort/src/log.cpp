#include "log.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

namespace hailo_fake {
namespace {

constexpr std::size_t kMaxChipLog = 64 * 1024;

struct Logs {
  std::mutex mutex;
  std::string chip;
};

// Never destroyed: threads of a process that ends may still log.
Logs& logs() {
  static auto* all = new Logs;
  return *all;
}

void log(std::string_view level, const std::string& text) {
  const std::string line = fmt::format("[{}] [HailoRT] [{}] {}\n", ::getpid(), level, text);
  const std::lock_guard lock(logs().mutex);
  std::fputs(line.c_str(), stderr);
  const char* folder = std::getenv("HAILORT_LOGGER_PATH");
  if (folder == nullptr || std::string_view(folder) == "NONE") return;
  std::ofstream(std::string(folder) + "/hailort.log", std::ios::app) << line;
}

}  // namespace

void log_error(const std::string& text) { log("error", text); }
void log_warning(const std::string& text) { log("warning", text); }

void log_on_chip(const std::string& text) {
  const std::lock_guard lock(logs().mutex);
  logs().chip += text + "\n";
  if (logs().chip.size() > kMaxChipLog) logs().chip.erase(0, kMaxChipLog / 2);
}

std::string chip_log() {
  const std::lock_guard lock(logs().mutex);
  return logs().chip;
}

}  // namespace hailo_fake
