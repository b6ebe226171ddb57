#include "base/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace npu {
namespace {

// What `body` writes to standard error, from a process of its own.
template <class Body>
std::string stderr_of(Body body) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  return text;
}

TEST(Log, A_client_cannot_forge_a_line) {
  const std::string text = stderr_of([] {
    log::init("test", log::Level::kInfo);
    log::info("name {}", "a\n<3>forged\x1b[2J");
  });
  EXPECT_NE(text.find("a\\x0a<3>forged\\x1b[2J"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST(Log, A_signal_handler_writes_lines_with_the_program_and_the_level) {
  EXPECT_EQ(stderr_of([] {
              log::write_from_signal_handler(log::Level::kWarning, "early");
              log::init("test", log::Level::kError);
              log::write_from_signal_handler(log::Level::kWarning, std::string(2000, 'x'));
            }).substr(0, 40),
            " warning: early\ntest warning: xxxxxxxxxx");
}

TEST(Log, Lines_for_journald_carry_their_priority_and_no_time) {
  const std::string text = stderr_of([] {
    struct stat is{};
    ::fstat(STDERR_FILENO, &is);
    ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", is.st_dev, is.st_ino).c_str(), 1);
    log::init("test", log::Level::kInfo);
    log::error("bad");
    log::warning("so so");
    log::write_from_signal_handler(log::Level::kError, "denied");
  });
  EXPECT_EQ(text, "<3>bad\n<4>so so\n<3>denied\n");
}

TEST(Log, Lines_for_a_file_are_plain_although_a_parent_wrote_to_journald) {
  const std::string text = stderr_of([] {
    ::setenv("JOURNAL_STREAM", "8:1", 1);
    log::init("test", log::Level::kInfo);
    log::error("bad");
  });
  EXPECT_NE(text.find("test error: bad\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("<3>"), std::string::npos) << text;
}

TEST(Log, Lines_below_the_level_are_not_written) {
  const std::string text = stderr_of([] {
    log::init("test", log::Level::kWarning);
    log::info("quiet");
    log::debug("quieter");
  });
  EXPECT_EQ(text, "");
}

TEST(Log, A_full_disk_does_not_stop_the_program) {
  const std::string text = stderr_of([] {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ::dup2(full, STDERR_FILENO);
    log::init("test", log::Level::kInfo);
    for (int i = 0; i < 1000; ++i) log::error("line {}", i);
  });
  EXPECT_EQ(text, "");
}

TEST(Log, Another_copy_of_this_code_has_its_lines_written_by_the_first) {
  const std::string text = stderr_of([] {
    static std::string lines;
    log::use_sink({[](log::Level level) { return level >= log::Level::kWarning; },
                   [](log::Level, std::string_view line) { lines += line; }});
    log::init("test", log::Level::kDebug);
    log::info("quiet");
    log::warning("a {}", 1);
    ::write(STDERR_FILENO, lines.data(), lines.size());
  });
  EXPECT_EQ(text, "a 1");
}

TEST(Log, An_unknown_level_is_refused_with_the_known_ones) {
  EXPECT_EQ(log::parse_level("warning").value(), log::Level::kWarning);
  EXPECT_EQ(log::parse_level("loud").error().message,
            "log level must be debug, info, warning or error, got loud");
}

}  // namespace
}  // namespace npu
