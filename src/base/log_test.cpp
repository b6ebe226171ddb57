#include "base/log.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "fakes/temp_dir.hpp"

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

// A socket of journald's kind, and its datagrams.
class OwnJournal {
 public:
  OwnJournal() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, path().size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
  }
  std::string path() const { return folder_.path("socket"); }
  // "" where there is none.
  std::string next() const {
    std::string bytes(1 << 16, '\0');
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

 private:
  fakes::TempDir folder_;
  UniqueFd socket_;
};

void be_under_journald() {
  struct stat is{};
  ::fstat(STDERR_FILENO, &is);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", is.st_dev, is.st_ino).c_str(), 1);
}

TEST(Log, What_a_line_is_about_is_in_fields_of_the_journal) {
  const OwnJournal journal;
  const std::string text = stderr_of([&] {
    be_under_journald();
    log::use_journal_socket(journal.path());
    log::init("hailo-test", log::Level::kInfo);
    log::warning({.request = "7", .client = "1000:cam", .model = "depth:x.hef"}, "it is {}", "so");
    log::error({.request = "8"}, "forged\nPRIORITY=0");
    log::write(log::Level::kInfo, {.request = "9", .client = "two\nlines"}, "text");
    log::info("about nothing");
  });
  EXPECT_EQ(journal.next(),
            "MESSAGE=it is so\nPRIORITY=4\nSYSLOG_IDENTIFIER=hailo-test\nHAILO_REQUEST=7\n"
            "HAILO_CLIENT=1000:cam\nHAILO_MODEL=depth:x.hef\n");
  EXPECT_EQ(journal.next(),
            "MESSAGE=forged\\x0aPRIORITY=0\nPRIORITY=3\nSYSLOG_IDENTIFIER=hailo-test\n"
            "HAILO_REQUEST=8\n");
  using namespace std::string_literals;
  EXPECT_EQ(journal.next(),
            "MESSAGE=text\nPRIORITY=6\nSYSLOG_IDENTIFIER=hailo-test\nHAILO_REQUEST=9\n"
            "HAILO_CLIENT\n\x09\0\0\0\0\0\0\0two\nlines\n"s);
  EXPECT_EQ(journal.next(), "");
  EXPECT_EQ(text, "<6>about nothing\n");
}

TEST(Log, A_journal_that_takes_nothing_loses_no_line_and_holds_up_nobody) {
  const OwnJournal journal;
  const std::string text = stderr_of([&] {
    be_under_journald();
    log::use_journal_socket(journal.path() + "-absent");
    log::init("hailo-test", log::Level::kInfo);
    log::error({.request = "1"}, "absent");
    log::use_journal_socket(journal.path());
    log::error({.request = "2"}, "long {}", std::string(1 << 20, 'x'));
    for (int i = 0; i < 10'000; ++i) log::error({.request = "3"}, "many");
  });
  EXPECT_NE(text.find("<3>absent\n"), std::string::npos);
  EXPECT_NE(text.find("<3>long xxx"), std::string::npos);
  std::size_t lines = 0;
  for (auto at = text.find("<3>many\n"); at != std::string::npos;
       at = text.find("<3>many\n", at + 1)) {
    ++lines;
  }
  while (!journal.next().empty()) ++lines;
  EXPECT_EQ(lines, 10'000U);
}

TEST(Log, Elsewhere_than_under_journald_its_socket_is_left_alone) {
  const OwnJournal journal;
  const std::string text = stderr_of([&] {
    ::unsetenv("JOURNAL_STREAM");
    log::use_journal_socket(journal.path());
    log::init("hailo-test", log::Level::kInfo);
    log::error({.request = "1"}, "plain");
  });
  EXPECT_NE(text.find("hailo-test error: plain\n"), std::string::npos) << text;
  EXPECT_EQ(journal.next(), "");
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
