// Logging for daemons: one line an event on standard error, in the form that its reader wants.
//
// Under systemd (JOURNAL_STREAM is set) a line begins with its syslog priority, "<6>", which
// journald turns into a field, and carries no time of its own. Elsewhere a line has time and level.
// What a line is About is in its text (req=<id>), and under systemd besides in fields by which
// journalctl finds it (journal.hpp, docs/adr/0106). Thread safe. A log that cannot be written (disk
// full, closed pipe) loses lines and never stops or fails the program.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <npu/result.hpp>

namespace npu::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error"; kInvalidArgument lists them.
Result<Level> parse_level(std::string_view text);

// Before the first line; `program` shows in lines outside systemd. Call once.
void init(std::string_view program, Level level);
void set_level(Level level);
bool enabled(Level level);

// For a shared object with a copy of this code of its own: its lines go where the program's go. Not
// to be called while others log.
struct Sink {
  bool (*enabled)(Level level);
  void (*write)(Level level, std::string_view text);
};
void use_sink(Sink sink);

// Control characters in the text are escaped: what a client sends cannot forge a line.
void write(Level level, std::string_view text);

// What a line is about; empty where it does not apply. Any text.
struct About {
  std::string_view request;
  std::string_view client = {};
  std::string_view model = {};
};
void write(Level level, const About& about, std::string_view text);

// Instead of journald's own, for tests. Before the first line.
void use_journal_socket(std::string path);

// The same for a signal handler: no heap, no lock, no time in the line, and no threshold. The text
// holds no control characters and is shorter than 400 bytes.
void write_from_signal_handler(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug))
    write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarning)) {
    write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void warning(const About& about, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarning)) {
    write(Level::kWarning, about, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void error(const About& about, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError))
    write(Level::kError, about, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError))
    write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace npu::log
