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

// Never destroyed: threads of a process that ends may still log.
std::mutex& writing() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

void log(std::string_view level, const std::string& text) {
  const std::string line = fmt::format("[{}] [HailoRT] [{}] {}\n", ::getpid(), level, text);
  const std::lock_guard lock(writing());
  std::fputs(line.c_str(), stderr);
  const char* folder = std::getenv("HAILORT_LOGGER_PATH");
  if (folder == nullptr || std::string_view(folder) == "NONE") return;
  std::ofstream(std::string(folder) + "/hailort.log", std::ios::app) << line;
}

}  // namespace

void log_error(const std::string& text) { log("error", text); }
void log_warning(const std::string& text) { log("warning", text); }

}  // namespace hailo_fake
