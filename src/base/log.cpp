#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/journal.hpp"

namespace npu::log {
namespace {

struct LevelRow {
  Level level;
  std::string_view name;
  spdlog::level::level_enum spdlog_level;
  std::string_view journal_prefix;  // syslog priorities, sd-daemon(3)
  std::string_view priority;        // the same as a field
};

constexpr std::array<LevelRow, 4> kLevels{{
    {Level::kDebug, "debug", spdlog::level::debug, "<7>", "7"},
    {Level::kInfo, "info", spdlog::level::info, "<6>", "6"},
    {Level::kWarning, "warning", spdlog::level::warn, "<4>", "4"},
    {Level::kError, "error", spdlog::level::err, "<3>", "3"},
}};

const LevelRow& row_of(Level level) { return kLevels.at(static_cast<std::size_t>(level)); }

std::atomic<Level> threshold{Level::kInfo};
Sink other_sink{nullptr, nullptr};

std::atomic<bool> for_journald{false};
std::array<char, 64> program_name{};  // ends with a zero

// As systemd.exec(5) says: the variable is inherited, so it counts only while standard error still
// is the stream that it names, by device and inode.
bool under_journald() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat is{};
  return stream != nullptr && ::fstat(STDERR_FILENO, &is) == 0 &&
         fmt::format("{}:{}", is.st_dev, is.st_ino) == stream;
}

std::shared_ptr<spdlog::logger> make_logger(std::string_view program) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger->set_level(spdlog::level::trace);
  for_journald = under_journald();
  logger->set_pattern(for_journald ? "%v" : "%Y-%m-%d %H:%M:%S.%e %n %l: %v");
  logger->set_error_handler([](const std::string&) {});
  logger->flush_on(spdlog::level::trace);
  return logger;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance = make_logger("npu");
  return instance;
}

// Opened with the first line that has fields. A worker writes none: once it is confined it may not.
Journal& journal() {
  static Journal instance;
  return instance;
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (const LevelRow& row : kLevels) {
    if (row.name == text) return row.level;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("log level must be debug, info, warning or error, got {}", text));
}

void init(std::string_view program, Level level) {
  logger() = make_logger(program);
  const auto size = std::min(program.size(), program_name.size() - 1);
  *std::copy_n(program.data(), size, program_name.data()) = '\0';
  set_level(level);
}

void set_level(Level level) { threshold = level; }

void use_sink(Sink sink) { other_sink = sink; }

bool enabled(Level level) {
  if (other_sink.enabled != nullptr) return other_sink.enabled(level);
  return level >= threshold.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view text) {
  if (other_sink.write != nullptr) return other_sink.write(level, text);
  const LevelRow& row = row_of(level);
  spdlog::logger& out = *logger();
  const std::string line =
      for_journald ? fmt::format("{}{}", row.journal_prefix, escaped(text)) : escaped(text);
  out.log(row.spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

void write(Level level, const About& about, std::string_view text) {
  if (for_journald && other_sink.write == nullptr) {
    const std::string line = escaped(text);
    const std::array<JournalField, 6> fields{{{"MESSAGE", line},
                                              {"PRIORITY", row_of(level).priority},
                                              {"SYSLOG_IDENTIFIER", program_name.data()},
                                              {"HAILO_REQUEST", about.request},
                                              {"HAILO_CLIENT", about.client},
                                              {"HAILO_MODEL", about.model}}};
    if (journal().send(fields)) return;
  }
  write(level, text);
}

void use_journal_socket(std::string path) { journal() = Journal(std::move(path)); }

void write_from_signal_handler(Level level, std::string_view text) {
  std::array<char, 512> line;
  std::size_t size = 0;
  const auto add = [&](std::string_view part) {
    part = part.substr(0, line.size() - size);
    std::copy_n(part.data(), part.size(), line.data() + size);
    size += part.size();
  };
  const LevelRow& row = kLevels[static_cast<std::size_t>(level)];
  if (for_journald) {
    add(row.journal_prefix);
  } else {
    for (const std::string_view part : {std::string_view(program_name.data()),
                                        std::string_view(" "), row.name, std::string_view(": ")}) {
      add(part);
    }
  }
  add(text);
  add("\n");
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), size);
}

}  // namespace npu::log
