// The hardware checks: which are asked, how each ended, and the report of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "cli/child.hpp"

namespace npu::cli {

struct SelftestOptions {
  std::string hef;  // paths; "" where not given
  std::string llm;
  std::string llm2;
  std::string vlm;
  std::string speech;
  std::string group_id = "SHARED";
  std::string device;  // "": the first one
  bool reboot = false;
  bool ollama = false;
  bool quick = false;
  std::vector<int> only;  // numbers; empty: all

  // As the probe takes them.
  boost::json::object to_json() const;
};

// As `hailo-device-probe checks` lists it.
struct HardwareCheck {
  int number = 0;
  std::string title;
  std::string question;
  std::vector<std::string> needs = {};
  int seconds = 0;
};
Result<std::vector<HardwareCheck>> parse_checks(const boost::json::object& list);
// kInvalidArgument: a number of options.only that no check has.
Status check_numbers(const std::vector<HardwareCheck>& checks, const SelftestOptions& options);

// What is to be given for a check: "--hef FILE (a vision model)"; "" where nothing is missing.
std::string missing_for(const HardwareCheck& check, const SelftestOptions& options);

enum class Outcome {
  kAnswered,
  kSkipped,    // something it needs was not given, or this HailoRT has no call for it
  kWentWrong,  // the question could not be put or something went wrong; answer says what
  kHangs,      // no answer within the deadline
  kCrashed,
};
std::string_view name_of(Outcome outcome);  // "answered", "skipped", ...

struct CheckRecord {
  HardwareCheck check;
  Outcome outcome = Outcome::kSkipped;
  std::string answer;            // in a sentence
  boost::json::object readings;  // those before it hung, crashed or failed as well
  std::string errors;            // the end of standard error, valid UTF-8
  double seconds = 0;
};

// Runs the probe with one check; limit: its deadline.
using RunCheck = std::function<Result<ChildResult>(const HardwareCheck& check, Millis limit)>;
// Told before and after each check, to show how it goes.
using OnCheck = std::function<void(const CheckRecord& record, bool done)>;

std::vector<CheckRecord> run_checks(const std::vector<HardwareCheck>& checks,
                                    const SelftestOptions& options, const RunCheck& run,
                                    const OnCheck& on_check);

// 0: whatever was asked was answered; 1: something failed, hung or crashed.
int exit_code_of(const std::vector<CheckRecord>& records);

// The report for a bug: what machine it is, and each record.
boost::json::object report_of(const std::vector<CheckRecord>& records, boost::json::object about);

}  // namespace npu::cli
