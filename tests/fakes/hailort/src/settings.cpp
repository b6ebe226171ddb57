#include "settings.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace hailo_fake {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Version read_version(const char* name, const std::string& text, Version usual) {
  for (const Version known : {Version{5, 1, 1}, Version{5, 2, 0}, Version{5, 3, 0}}) {
    if (text == fmt::format("{}.{}.{}", known.major, known.minor, known.revision)) return known;
  }
  if (text.empty()) return usual;
  give_up(fmt::format("{} is 5.1.1, 5.2.0 or 5.3.0, not '{}'", name, text));
}

double read_scale(const std::string& text) {
  if (text.empty()) return 1;
  char* end = nullptr;
  const double scale = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !(scale >= 0) || scale > 1000) {
    give_up(fmt::format("HAILO_FAKE_TIME_SCALE is a number 0..1000, not '{}'", text));
  }
  return scale;
}

}  // namespace

Settings Settings::from_environment() {
  const Version version = read_version("HAILO_FAKE_VERSION", variable("HAILO_FAKE_VERSION"), {});
  return {.version = version,
          .firmware = read_version("HAILO_FAKE_FIRMWARE", variable("HAILO_FAKE_FIRMWARE"), version),
          .profile = variable("HAILO_FAKE_PROFILE"),
          .state = variable("HAILO_SIM_STATE"),
          .faults = variable("HAILO_SIM_FAULTS"),
          .runs = variable("HAILO_FAKE_RUNS"),
          .time_scale = read_scale(variable("HAILO_FAKE_TIME_SCALE"))};
}

npu::Duration Settings::scaled(npu::Duration real) const {
  return npu::Duration(
      static_cast<npu::Duration::rep>(static_cast<double>(real.count()) * time_scale));
}

void give_up(const std::string& what) {
  std::fprintf(stderr, "fake HailoRT: %s\n", what.c_str());
  std::abort();
}

}  // namespace hailo_fake
