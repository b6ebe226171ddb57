#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace {

// Of one question: a manager that is stuck must not keep the user.
constexpr Millis kTopPatience{2000};

constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

constexpr std::string_view kEnterScreen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeaveScreen = "\x1b[?25h\x1b[?1049l";

termios before_screen{};

// Calls only what a signal handler may.
void leave_screen() {
  [[maybe_unused]] const auto written =
      ::write(STDOUT_FILENO, kLeaveScreen.data(), kLeaveScreen.size());
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_screen);
}

// Installed with SA_RESETHAND: the signal then ends the program.
extern "C" void leave_screen_and_end(int signal) {
  leave_screen();
  ::raise(signal);
}

// Single keys without echo and the alternate screen, undone on destruction and by what ends the
// program.
class Screen {
 public:
  Screen() {
    ::tcgetattr(STDIN_FILENO, &before_screen);
    struct sigaction action{};
    action.sa_handler = leave_screen_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : kEnding) ::sigaction(signal, &action, nullptr);
    termios raw = before_screen;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fmt::print("{}", kEnterScreen);
    std::fflush(stdout);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() {
    std::fflush(stdout);
    leave_screen();
    for (const int signal : kEnding) ::signal(signal, SIG_DFL);
  }
};

// True once the user wants to leave.
bool wait_for_quit(int milliseconds) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, milliseconds) <= 0) return false;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) return true;
  return key == 'q' || key == 'Q';
}

Result<ManagerStatus> snapshot(BlockingDeviceClient& client, std::string& text) {
  auto status = client.status();
  if (!status) return status;
  const auto device = client.device_status();
  text = describe_status(*status, device ? &*device : nullptr) + "\n" +
         describe_models(*status, unix_seconds(SystemClock().wall()));
  return status;
}

int once(const Context& context, BlockingDeviceClient& client) {
  std::string text;
  const auto status = snapshot(client, text);
  if (!status) return context.report(status.error());
  if (context.json) {
    print_json(status->json);
  } else {
    fmt::print("{}", text);
  }
  return kOk;
}

// To show instead of the status.
std::string trouble(const Error& error, const std::string& socket_path) {
  if (error.code == ErrorCode::kDeadlineExceeded) return "the manager does not answer\n";
  return error.message + "\n\n" + connect_advice(error.code, socket_path);
}

int live(const Context& context, double interval) {
  ClientOptions options = context.client_options();
  options.timeout = std::min(options.timeout, kTopPatience);
  BlockingDeviceClient client(options);
  const Screen screen;
  do {
    std::string text;
    if (const auto status = snapshot(client, text); !status) {
      text = trouble(status.error(), context.socket_path());
    }
    fmt::print("\x1b[H\x1b[2J{}\n{}\nq: quit\n", context.socket_path(), text);
    std::fflush(stdout);
  } while (!wait_for_quit(static_cast<int>(interval * 1000)));
  return kOk;
}

int top(const Context& context, double interval) {
  if (!context.json && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) {
    return live(context, interval);
  }
  return context.with_client([&](auto& client) { return once(context, client); });
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
