#include "cli/migrate/units.hpp"

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "cli/child.hpp"

namespace npu::cli::migrate {
namespace {

// A service of the Python project is killed after 30 s or 90 s.
constexpr Millis kPatience = std::chrono::minutes(3);

}  // namespace

std::vector<std::string> Units::command(std::vector<std::string> words) const {
  std::vector<std::string> out{"systemctl"};
  if (!here()) out.push_back("--root=" + root_);
  out.insert(out.end(), words.begin(), words.end());
  return out;
}

bool Units::says_yes(std::vector<std::string> words) const {
  const auto done = run_child(command(std::move(words)), kPatience);
  return done && done->exited_with(0);
}

Status Units::run(std::vector<std::string> words) const {
  const auto line = command(std::move(words));
  const auto done = run_child(line, kPatience);
  if (!done) return fail(done.error());
  if (done->exited_with(0)) return {};
  std::string why = done->errors;
  while (why.ends_with('\n')) why.pop_back();
  return fail(ErrorCode::kUnavailable,
              fmt::format("{} failed: {}", fmt::join(line, " "), for_terminal(why)));
}

bool Units::is_enabled(const std::string& unit) const {
  return says_yes({"is-enabled", "--quiet", unit});
}
bool Units::is_wanted(const std::string& unit) const {
  const auto done = here() ? run_child(command({"is-active", unit}), kPatience)
                           : Result<ChildResult>(fail(ErrorCode::kUnsupported, {}));
  return done && (done->output.starts_with("activ") || done->output.starts_with("reloading") ||
                  done->output.starts_with("failed"));
}
Status Units::stop_and_disable(const std::string& unit) const {
  return here() ? run({"disable", "--now", unit}) : run({"disable", unit});
}
Status Units::enable(const std::string& unit) const { return run({"enable", unit}); }
Status Units::start(const std::string& unit) const {
  return here() ? run({"restart", "--no-block", unit}) : Status();
}
Status Units::reload() const { return here() ? run({"daemon-reload"}) : Status(); }

}  // namespace npu::cli::migrate
