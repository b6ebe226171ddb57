#include "cli/services/report_parts.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "cli/child.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOfPart = std::size_t{1} << 20;
constexpr int kCannotStart = 127;

std::vector<std::string> with_words(std::vector<std::string> words,
                                    const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void add_config_files(std::vector<ReportPart>& parts, const std::string& dir) {
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir, failed)) {
    if (entry.is_regular_file(failed)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    parts.push_back({.file = "etc-hailo/" + path.filename().string(),
                     .what = "configuration file",
                     .path = path.string(),
                     .is_config = true});
  }
}

// The end of it, from a whole line on.
std::string end_of(std::string text) {
  if (text.size() <= kMostOfPart) return text;
  const auto line = text.find('\n', text.size() - kMostOfPart);
  text.erase(0, line == std::string::npos ? text.size() - kMostOfPart : line + 1);
  return "(the beginning is left out)\n" + text;
}

std::string output_of(const ReportPart& part) {
  const auto said = run_child(part.words, part.limit);
  if (!said) return fmt::format("({})\n", said.error().message);
  if (said->exited_with(kCannotStart) && said->output.empty()) {
    return fmt::format("({} is not installed)\n", part.words.front());
  }
  std::string text = said->output;
  if (!said->errors.empty()) text += said->errors;
  if (said->end != ChildResult::End::kExited) {
    text +=
        fmt::format("({} was ended after {} s)\n", part.words.front(), part.limit.count() / 1000);
  } else if (said->status != 0) {
    text += fmt::format("(exit status {})\n", said->status);
  }
  return text;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "(it cannot be read)\n";
  std::string text(kMostOfPart, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

std::vector<ReportPart> report_parts(const std::vector<std::string>& hailoctl,
                                     const std::vector<const KnownService*>& services,
                                     const std::string& config_dir) {
  const Millis long_time = std::chrono::seconds(120);  // a device that hangs is asked for 60 s
  std::vector<ReportPart> parts{
      {.file = "doctor.txt",
       .what = "what hailoctl doctor finds",
       .words = with_words(hailoctl, {"doctor"}),
       .limit = long_time},
      {.file = "services.txt",
       .what = "state of all services",
       .words = with_words(hailoctl, {"services"})},
      {.file = "config.txt",
       .what = "configuration as it counts",
       .words = with_words(hailoctl, {"config", "show", "--all"})},
      {.file = "status.txt",
       .what = "the manager's status",
       .words = with_words(hailoctl, {"--timeout", "10", "status"})},
      {.file = "models.txt",
       .what = "models on the device",
       .words = with_words(hailoctl, {"--timeout", "10", "models"})},
      {.file = "packages.txt",
       .what = "versions of packages",
       .words = {"dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package} ${Version}\\n", "hailo*",
                 "*hailort*", "libnpu*", "python3-hailo*", "libonnxruntime*"}},
      {.file = "os-release.txt", .what = "the system's release", .path = "/etc/os-release"},
      {.file = "kernel.txt", .what = "version of the kernel", .words = {"uname", "-srvm"}},
      {.file = "board.txt", .what = "the board", .path = "/proc/device-tree/model"},
      {.file = "memory.txt", .what = "memory", .path = "/proc/meminfo"},
      {.file = "disks.txt",
       .what = "space on file systems",
       .words = {"df", "-h", "/", "/run", "/var", "/var/lib/hailo"}},
      {.file = "units.txt",
       .what = "units and their drop-ins",
       .words = {"systemctl", "--no-pager", "cat", "hailo-*.service"},
       .is_config = true},
      {.file = "log/kernel.txt",
       .what = "what the kernel says of the NPU and of lack of memory",
       .words = {"journalctl", "--no-pager", "--no-hostname", "-o", "short-iso", "-k", "-n", "300",
                 "-g", "hailo|out of memory|oom-kill"}}};
  for (const auto* service : services) {
    parts.push_back({.file = fmt::format("log/{}.txt", service->name),
                     .what = "last lines of its log",
                     .words = {"journalctl", "--no-pager", "--no-hostname", "-o", "short-iso", "-n",
                               "300", "-u", service->unit()}});
  }
  add_config_files(parts, config_dir);
  return parts;
}

std::string text_of_part(const ReportPart& part, const Redactor& redactor) {
  const std::string text =
      valid_utf8(end_of(part.path.empty() ? output_of(part) : content_of(part.path)));
  return part.is_config ? redactor.config(text) : redactor.text(text);
}

}  // namespace npu::cli
