#include <cstdio>
#include <optional>
#include <string>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace {

constexpr int kControlC = 3;

// Single keys without echo and the alternate screen, undone on destruction. Signals by key are
// read as keys, so that the terminal is always restored.
class Screen {
 public:
  Screen() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fmt::print("\x1b[?1049h\x1b[?25l");
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() {
    fmt::print("\x1b[?25h\x1b[?1049l");
    std::fflush(stdout);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

 private:
  termios before_{};
};

// True once the user wants to leave.
bool wait_for_quit(int milliseconds) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, milliseconds) <= 0) return false;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) return true;
  return key == 'q' || key == 'Q' || key == kControlC;
}

Result<boost::json::object> snapshot(BlockingDeviceClient& client, std::string& text) {
  auto status = client.status();
  if (!status) return status;
  const auto device = client.device_status();
  text = describe_status(*status, device ? &*device : nullptr) + "\n" +
         describe_models(*status, unix_seconds(SystemClock().wall()));
  return status;
}

int top(const Context& context, double interval) {
  auto client = context.client();
  std::string text;
  if (context.json || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    const auto status = snapshot(client, text);
    if (!status) return context.report(status.error());
    if (context.json) {
      print_json(*status);
    } else {
      fmt::print("{}", text);
    }
    return kOk;
  }
  const Screen screen;
  do {
    const auto status = snapshot(client, text);
    if (!status)
      text = status.error().message + "\n\n" + advice_for(status.error(), context.socket_path());
    fmt::print("\x1b[H\x1b[2J{}\n{}\nq: quit\n", context.socket_path(), text);
    std::fflush(stdout);
  } while (!wait_for_quit(static_cast<int>(interval * 1000)));
  return kOk;
}

}  // namespace

void add_top(CLI::App& app, Context& context) {
  const auto interval = std::make_shared<double>(1.0);
  auto* command = app.add_subcommand("top", "Watch the device; q quits. Without a terminal: once");
  command->add_option("--interval", *interval, "Seconds between refreshes")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->callback([&context, interval] { context.exit_code = top(context, *interval); });
}

}  // namespace npu::cli
