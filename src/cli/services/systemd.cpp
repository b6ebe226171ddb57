#include "cli/services/systemd.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <sstream>
#include <utility>

#include <time.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "cli/child.hpp"

namespace npu::cli {
namespace {

constexpr Millis kToShow = std::chrono::seconds(10);
constexpr Millis kToChange = std::chrono::seconds(120);  // stopping waits for work in flight

constexpr std::array kProperties{
    "Id",        "LoadState", "ActiveState",  "SubState",      "UnitFileState",
    "Result",    "User",      "FragmentPath", "DropInPaths",   "MainPID",
    "NRestarts", "ExecStart", "Environment",  "MemoryCurrent", "ActiveEnterTimestampMonotonic"};

using Properties = std::map<std::string, std::string, std::less<>>;

const std::string& property(const Properties& of, std::string_view name) {
  static const std::string none;
  const auto found = of.find(name);
  return found == of.end() ? none : found->second;
}

template <class Number>
std::optional<Number> number_property(const Properties& of, std::string_view name) {
  const std::string& text = property(of, name);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

// "{ path=/usr/bin/x ; argv[]=/usr/bin/x --flag ; ignore_errors=no ; ... }"
std::vector<std::string> command_in(const std::string& exec_start) {
  constexpr std::string_view kBegin = "argv[]=";
  const auto begin = exec_start.find(kBegin);
  if (begin == std::string::npos) return {};
  const auto words = begin + kBegin.size();
  const auto end = exec_start.find(" ; ", words);
  return quoted_words(std::string_view(exec_start).substr(words, end - words));
}

UnitState unit_of(const Properties& of, double now) {
  UnitState unit;
  unit.name = property(of, "Id");
  unit.load = property(of, "LoadState");
  unit.active = property(of, "ActiveState");
  unit.sub = property(of, "SubState");
  unit.boot = property(of, "UnitFileState");
  unit.result = property(of, "Result");
  unit.user = property(of, "User");
  unit.file = property(of, "FragmentPath");
  unit.drop_ins = quoted_words(property(of, "DropInPaths"));
  unit.command = command_in(property(of, "ExecStart"));
  unit.environment = quoted_words(property(of, "Environment"));
  unit.main_pid = number_property<std::int64_t>(of, "MainPID").value_or(0);
  unit.restarts = number_property<int>(of, "NRestarts").value_or(0);
  unit.memory_bytes = number_property<std::uint64_t>(of, "MemoryCurrent");
  if (unit.memory_bytes == std::numeric_limits<std::uint64_t>::max()) unit.memory_bytes.reset();
  const auto since = number_property<std::uint64_t>(of, "ActiveEnterTimestampMonotonic");
  if (unit.runs() && since.value_or(0) > 0) {
    unit.up_seconds = std::max(0.0, now - static_cast<double>(*since) / 1e6);
  }
  return unit;
}

double seconds_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool is_about_rights(std::string_view said) {
  for (const char* words :
       {"uthentication", "Access denied", "ermission denied", "not permitted"}) {
    if (said.find(words) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;  // a word
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
      quote = quote != '\0' ? '\0' : c;
      inside = true;
    } else if (quote == '\0' && (c == ' ' || c == '\t')) {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

std::vector<UnitState> parse_units(std::string_view text, double now) {
  std::vector<UnitState> units;
  Properties properties;
  const auto finish = [&] {
    if (!properties.empty()) units.push_back(unit_of(properties, now));
    properties.clear();
  };
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (line.empty()) finish();
    if (equals != std::string::npos) properties[line.substr(0, equals)] = line.substr(equals + 1);
  }
  finish();
  return units;
}

Systemd::Systemd(const std::string& root)
    : systemctl_(root.empty() ? "systemctl" : root + "/usr/bin/systemctl") {}

Result<std::vector<UnitState>> Systemd::show(const std::vector<std::string>& units) const {
  std::vector<std::string> words{systemctl_, "show", "--no-pager",
                                 fmt::format("--property={}", fmt::join(kProperties, ","))};
  words.insert(words.end(), units.begin(), units.end());
  const auto said = run_child(words, kToShow);
  auto states = said && said->exited_with(0) ? parse_units(said->output, seconds_since_boot())
                                             : std::vector<UnitState>{};
  if (states.size() != units.size()) {
    return fail(ErrorCode::kUnavailable, "systemd does not run here");
  }
  return states;
}

Status Systemd::tell(std::vector<std::string> words) const {
  words.insert(words.begin(), {systemctl_, "--no-ask-password", "--no-pager"});
  const auto said = run_child(words, kToChange);
  if (!said) return fail(said.error());
  if (said->exited_with(0)) return {};
  if (said->end != ChildResult::End::kExited) {
    return fail(ErrorCode::kDeadlineExceeded,
                fmt::format("systemctl {} did not end within {} s", words[3],
                            std::chrono::duration_cast<std::chrono::seconds>(kToChange).count()));
  }
  const std::string errors(trim(said->errors));
  return fail(is_about_rights(errors) ? ErrorCode::kPermission : ErrorCode::kUnavailable,
              errors.empty() ? "systemd does not run here" : errors);
}

}  // namespace npu::cli
