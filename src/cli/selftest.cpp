#include "cli/selftest.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "cli/hailort_probe.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

struct Need {
  std::string_view name;
  std::string_view how;  // to give it
};

constexpr Need kNeeds[] = {
    {"hef", "--hef FILE (a vision model)"},
    {"llm", "--llm FILE (a language model)"},
    {"llm2", "--llm2 FILE (another language model)"},
    {"vlm", "--vlm FILE (a vision-language model)"},
    {"speech", "--speech FILE (a speech model)"},
    {"any", "one of --hef, --llm, --llm2, --vlm and --speech"},
    {"reboot", "--reboot (it restarts the chip under all its programs)"},
    {"ollama",
     "--ollama, and hailo-ollama 5.3 or later that runs with HAILO_OLLAMA_VDEVICE_GROUP_ID set to "
     "the same group and has just answered a question"},
};

bool given(const SelftestOptions& options, std::string_view need) {
  if (need == "hef") return !options.hef.empty();
  if (need == "llm") return !options.llm.empty();
  if (need == "llm2") return !options.llm2.empty();
  if (need == "vlm") return !options.vlm.empty();
  if (need == "speech") return !options.speech.empty();
  if (need == "reboot") return options.reboot;
  if (need == "ollama") return options.ollama;
  if (need != "any") return false;
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"hef", "llm", "llm2", "vlm", "speech"},
      [&](auto name) { return given(options, name); });
}

int whole_in(npu::json::Fields& in, std::string_view name) {
  return static_cast<int>(in.integer(name, 0, std::numeric_limits<int>::max()).value_or(0));
}

Outcome outcome_of(const ChildResult& child, bool answered) {
  switch (child.end) {
    case ChildResult::End::kKilled:
    case ChildResult::End::kStuck: return Outcome::kHangs;
    case ChildResult::End::kSignalled: return Outcome::kCrashed;
    case ChildResult::End::kExited: break;
  }
  return answered ? Outcome::kAnswered : Outcome::kWentWrong;
}

void ask(CheckRecord& record, const RunCheck& run) {
  const auto child = run(record.check, std::chrono::seconds(record.check.seconds));
  if (!child) {
    record.outcome = Outcome::kWentWrong;
    record.answer = child.error().message;
    return;
  }
  const auto answer = answer_of(*child);
  record.outcome = outcome_of(*child, answer.has_value());
  record.seconds = child->seconds;
  record.readings = readings_of(*child);
  record.errors = valid_utf8(child->errors);
  if (!answer) {
    record.answer = valid_utf8(answer.error().message);
    return;
  }
  for (const auto& [name, value] : *answer) record.readings.insert_or_assign(name, value);
  record.answer = text_of(record.readings, "result");
  record.readings.erase("result");
  if (record.outcome != Outcome::kAnswered) {
    record.answer = "it answered and then did not end: " + record.answer;
  } else if (answer->contains("skipped")) {
    record.outcome = Outcome::kSkipped;
    record.answer = text_of(record.readings, "skipped");
    record.readings.erase("skipped");
  }
}

}  // namespace

json::object SelftestOptions::to_json() const {
  json::object out{{"group_id", group_id}};
  const std::pair<const char*, const std::string&> files[] = {
      {"hef", hef}, {"llm", llm}, {"llm2", llm2}, {"vlm", vlm}, {"speech", speech}};
  for (const auto& [name, path] : files) {
    if (!path.empty()) out[name] = path;
  }
  if (!device.empty()) out["device"] = device;
  if (reboot) out["reboot"] = true;
  if (ollama) out["ollama"] = true;
  if (quick) out["short"] = true;
  return out;
}

Result<std::vector<HardwareCheck>> parse_checks(const json::object& list) {
  const auto* checks = npu::json::Fields(list).list("checks");
  if (checks == nullptr) {
    return fail(ErrorCode::kInternal, "hailo-device-probe does not list its checks");
  }
  std::vector<HardwareCheck> out;
  for (const auto& value : *checks) {
    if (!value.is_object()) continue;
    npu::json::Fields in(value.get_object());
    HardwareCheck check{.number = whole_in(in, "number"),
                        .title = std::string(in.text("title").value_or("")),
                        .question = std::string(in.text("question").value_or("")),
                        .seconds = whole_in(in, "seconds")};
    if (const auto* needs = in.list("needs")) {
      for (const auto& need : *needs) {
        if (need.is_string()) check.needs.emplace_back(need.get_string());
      }
    }
    out.push_back(std::move(check));
  }
  return out;
}

Status check_numbers(const std::vector<HardwareCheck>& checks, const SelftestOptions& options) {
  for (const int number : options.only) {
    if (std::ranges::find(checks, number, &HardwareCheck::number) != checks.end()) continue;
    std::vector<int> numbers;
    numbers.reserve(checks.size());
    for (const auto& check : checks) numbers.push_back(check.number);
    return fail(ErrorCode::kInvalidArgument, fmt::format("there is no question {}, there are {}",
                                                         number, fmt::join(numbers, ", ")));
  }
  return {};
}

std::string missing_for(const HardwareCheck& check, const SelftestOptions& options) {
  std::vector<std::string_view> missing;
  for (const auto& need : check.needs) {
    if (given(options, need)) continue;
    const auto* known = std::ranges::find(kNeeds, need, &Need::name);
    missing.push_back(known != std::ranges::end(kNeeds) ? known->how : std::string_view(need));
  }
  return fmt::format("{}", fmt::join(missing, ", "));
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered: return "answered";
    case Outcome::kSkipped: return "skipped";
    case Outcome::kWentWrong: return "failed";
    case Outcome::kHangs: return "hangs";
    case Outcome::kCrashed: return "crashed";
  }
  return "";
}

std::vector<CheckRecord> run_checks(const std::vector<HardwareCheck>& checks,
                                    const SelftestOptions& options, const RunCheck& run,
                                    const OnCheck& on_check) {
  std::vector<CheckRecord> records;
  for (const auto& check : checks) {
    if (!options.only.empty() &&
        std::ranges::find(options.only, check.number) == options.only.end()) {
      continue;
    }
    CheckRecord record;
    record.check = check;
    on_check(record, false);
    if (const std::string missing = missing_for(check, options); !missing.empty()) {
      record.answer = "needs " + missing;
    } else {
      ask(record, run);
    }
    on_check(record, true);
    records.push_back(std::move(record));
  }
  return records;
}

int exit_code_of(const std::vector<CheckRecord>& records) {
  return std::ranges::all_of(records,
                             [](const CheckRecord& record) {
                               return record.outcome == Outcome::kAnswered ||
                                      record.outcome == Outcome::kSkipped;
                             })
             ? 0
             : 1;
}

json::object report_of(const std::vector<CheckRecord>& records, json::object about) {
  json::array list;
  for (const auto& record : records) {
    json::object one{{"number", record.check.number},     {"title", record.check.title},
                     {"question", record.check.question}, {"outcome", name_of(record.outcome)},
                     {"answer", record.answer},           {"seconds", record.seconds},
                     {"readings", record.readings}};
    if (!record.errors.empty()) one["errors"] = record.errors;
    list.push_back(std::move(one));
  }
  about["checks"] = std::move(list);
  return about;
}

}  // namespace npu::cli
