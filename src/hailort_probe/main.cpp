// hailo-device-probe: asks HailoRT one question in a process of its own and prints the answer as
// JSON.
//
// A stuck device hangs calls, destructors included, and a broken libhailort may abort. So hailoctl
// does not load it but runs this program with a deadline. Not for people; nothing of its options is
// promised from one version to the next.

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "base/version.hpp"
#include "hailort_probe/answers.hpp"
#include "hailort_probe/clean.hpp"

namespace npu::hailort_probe {
namespace {

constexpr int kAnswered = 0;
constexpr int kRefused = 1;    // the file or the device; the object says why
constexpr int kUsage = 2;      // the command line is wrong
constexpr int kNoAdapter = 3;  // no adapter, or no libhailort that one is for

// Standard output for the answer alone: what libraries print there goes to standard error.
UniqueFd take_stdout() {
  UniqueFd out(::dup(STDOUT_FILENO));
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return out;
}

void print(const UniqueFd& out, const boost::json::object& answer) {
  const std::string text = boost::json::serialize(clean(answer)) + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(out.get(), text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

int exit_code(const Result<boost::json::object>& answer, const std::string& adapter_dir) {
  if (answer) return kAnswered;
  return answer.error().code == ErrorCode::kUnsupported && !versions(adapter_dir) ? kNoAdapter
                                                                                  : kRefused;
}

int run(int argc, char** argv) {
  CLI::App app("Asks HailoRT one question and prints the answer as JSON.", "hailo-device-probe");
  app.set_version_flag("--version", "hailo-device-probe " + version());
  app.footer(
      "Exit status: 0 answered, 1 refused (the object says why), 2 wrong command line,\n"
      "3 no adapter for the installed HailoRT.");
  app.require_subcommand(1);
  app.fallthrough();
  std::string adapter_dir;
  std::string root;
  std::string file;
  std::string options = "{}";
  int number = 0;
  app.add_option("--adapter-dir", adapter_dir, "Folder of the HailoRT adapters");
  const auto* machine_command =
      app.add_subcommand("machine", "Chip, driver, nodes, who holds them");
  app.get_subcommand("machine")->add_option("--root", root, "Where /sys and /proc are");
  const auto* checks_command = app.add_subcommand("checks", "The hardware checks that there are");
  const auto* versions_command = app.add_subcommand("versions", "Of adapter and library");
  const auto* scan_command = app.add_subcommand("scan", "The devices and what they say");
  auto* inspect_command = app.add_subcommand("inspect", "What a HEF file holds");
  inspect_command->add_option("file", file)->required();
  auto* check_command = app.add_subcommand("check", "One hardware check");
  check_command->add_option("number", number)->required();
  check_command->add_option("--options", options, "A JSON object")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAnswered : kUsage;
  }
  const UniqueFd out = take_stdout();
  log::init("hailo-device-probe", log::Level::kWarning);
  Result<boost::json::object> answer;
  if (machine_command->parsed()) answer = machine(root);
  if (checks_command->parsed()) answer = checks(adapter_dir);
  if (versions_command->parsed()) answer = versions(adapter_dir);
  if (scan_command->parsed()) answer = scan(adapter_dir);
  if (inspect_command->parsed()) answer = inspect(adapter_dir, file);
  if (check_command->parsed()) {
    const auto tell = [&](std::string_view name, const boost::json::value& reading) {
      print(out, {{"reading", boost::json::object{{name, reading}}}});
    };
    answer = check(adapter_dir, number, options, tell);
  }
  print(out, answer ? *answer : to_json(answer.error()));
  return exit_code(answer, adapter_dir);
}

}  // namespace
}  // namespace npu::hailort_probe

int main(int argc, char** argv) {
  int status = EXIT_FAILURE;
  try {
    status = npu::hailort_probe::run(argc, argv);
  } catch (const std::exception& error) {
    npu::log::error("{}", error.what());
  }
  std::fflush(nullptr);
  // Threads of a check may hang in the library, and so would its destructors.
  ::_exit(status);
}
