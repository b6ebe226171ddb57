#include "cli/selftest.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

using End = ChildResult::End;

HardwareCheck check(int number, std::vector<std::string> needs = {}) {
  return {number, "title", "question?", std::move(needs), 9};
}

CheckRecord run_one(const HardwareCheck& one, const SelftestOptions& options, ChildResult child) {
  const auto records = run_checks(
      {one}, options, [&](const HardwareCheck&, Millis) { return child; },
      [](const CheckRecord&, bool) {});
  return records.at(0);
}

TEST(Selftest, What_a_check_needs_is_said_as_options) {
  SelftestOptions options;
  EXPECT_EQ(missing_for(check(6), options), "");
  EXPECT_EQ(missing_for(check(4, {"hef", "llm"}), options),
            "--hef FILE (a vision model), --llm FILE (a language model)");
  options.hef = "x";
  EXPECT_EQ(missing_for(check(4, {"hef", "llm"}), options), "--llm FILE (a language model)");
  EXPECT_EQ(missing_for(check(14, {"any"}), options), "");
  EXPECT_EQ(missing_for(check(14, {"any"}), {}), "one of --hef, --llm, --llm2, --vlm and --speech");
  EXPECT_NE(missing_for(check(12, {"ollama"}), options).find("HAILO_OLLAMA_VDEVICE_GROUP_ID"),
            std::string::npos);
  options.reboot = true;
  EXPECT_EQ(missing_for(check(8, {"reboot"}), options), "");
}

TEST(Selftest, Skipped_checks_do_not_run) {
  bool ran = false;
  const auto records = run_checks(
      {check(1, {"hef"})}, {},
      [&](const HardwareCheck&, Millis) {
        ran = true;
        return ChildResult{};
      },
      [](const CheckRecord&, bool) {});
  EXPECT_FALSE(ran);
  EXPECT_EQ(records[0].outcome, Outcome::kSkipped);
  EXPECT_EQ(records[0].answer, "needs --hef FILE (a vision model)");
  EXPECT_EQ(exit_code_of(records), 0);
}

TEST(Selftest, Every_end_is_an_answer) {
  const auto answered =
      run_one(check(3), {}, {.output = R"({"result": "refused with 62", "ms": 5})", .seconds = 2});
  EXPECT_EQ(answered.outcome, Outcome::kAnswered);
  EXPECT_EQ(answered.answer, "refused with 62");
  EXPECT_EQ(answered.readings, (boost::json::object{{"ms", 5}}));

  const auto hangs = run_one(check(3), {}, {.end = End::kKilled, .errors = "log", .seconds = 9});
  EXPECT_EQ(hangs.outcome, Outcome::kHangs);
  EXPECT_EQ(hangs.errors, "log");
  EXPECT_EQ(run_one(check(3), {}, {.end = End::kKilled, .output = R"({"result": "x"})"}).outcome,
            Outcome::kHangs);
  EXPECT_EQ(run_one(check(3), {}, {.end = End::kSignalled, .status = SIGABRT}).outcome,
            Outcome::kCrashed);
  const auto failed = run_one(
      check(3), {}, {.status = 1, .output = R"({"error": {"code": "busy", "message": "in use"}})"});
  EXPECT_EQ(failed.outcome, Outcome::kWentWrong);
  EXPECT_EQ(failed.answer, "in use");
  const auto cannot = run_one(check(3), {}, {.output = R"({"skipped": "no call for it"})"});
  EXPECT_EQ(cannot.outcome, Outcome::kSkipped);
  EXPECT_EQ(cannot.answer, "no call for it");
  EXPECT_EQ(exit_code_of({answered, cannot}), 0);
  const auto wrong_chip =
      run_one(check(3), {},
              {.status = 1, .output = R"({"error": {"code": "unsupported", "message": "75"}})"});
  EXPECT_EQ(wrong_chip.outcome, Outcome::kWentWrong);
  for (const auto& bad : {hangs, failed, wrong_chip}) {
    EXPECT_EQ(exit_code_of({answered, bad}), 1);
  }
}

TEST(Selftest, What_was_read_before_the_end_is_kept_however_it_ended) {
  const std::string readings =
      "{\"reading\": {\"a\": 1}}\n{\"reading\": {\"b\": 1}}\n{\"reading\": {\"b\": 2}}\n";
  const boost::json::object expected{{"a", 1}, {"b", 2}};
  for (const auto& child :
       {ChildResult{.end = End::kKilled, .output = readings + "{\"rea"},
        ChildResult{.end = End::kKilled, .output = readings},
        ChildResult{.end = End::kSignalled, .status = 6, .output = readings},
        ChildResult{.status = 1, .output = readings + R"({"error": {"code": "busy"}})"}}) {
    const auto record = run_one(check(3), {}, child);
    EXPECT_NE(record.outcome, Outcome::kAnswered);
    EXPECT_EQ(record.readings, expected) << child.output;
  }
  const auto whole = run_one(
      check(3), {}, {.output = readings + R"({"result": "x", "b": 3})", .errors = "said\xFF"});
  EXPECT_EQ(whole.readings, (boost::json::object{{"a", 1}, {"b", 3}}));
  EXPECT_EQ(whole.errors, "said\xEF\xBF\xBD");  // kept, and fit for JSON
}

TEST(Selftest, A_number_that_no_question_has_is_refused) {
  SelftestOptions options;
  options.only = {2};
  EXPECT_TRUE(check_numbers({check(1), check(2)}, options));
  options.only = {2, 99};
  const auto bad = check_numbers({check(1), check(2)}, options);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "there is no question 99, there are 1, 2");
}

TEST(Selftest, Only_the_wanted_ones_run_with_their_deadlines) {
  SelftestOptions options;
  options.only = {2, 3};
  std::vector<int> ran;
  std::vector<int> told;
  run_checks(
      {check(1), check(2), check(3)}, options,
      [&](const HardwareCheck& one, Millis limit) {
        ran.push_back(one.number);
        EXPECT_EQ(limit, std::chrono::seconds(9));
        return ChildResult{.output = "{}"};
      },
      [&](const CheckRecord& record, bool done) {
        if (done) told.push_back(record.check.number);
      });
  EXPECT_EQ(ran, (std::vector{2, 3}));
  EXPECT_EQ(told, ran);
}

TEST(Selftest, The_probes_list_is_read) {
  const auto list = boost::json::parse(
      R"({"checks": [{"number": 4, "title": "t", "question": "q", "needs": ["hef"], "seconds": 7}]})");
  const auto checks = parse_checks(list.as_object());
  ASSERT_TRUE(checks);
  EXPECT_EQ(checks->at(0).number, 4);
  EXPECT_EQ(checks->at(0).needs, std::vector<std::string>{"hef"});
  EXPECT_EQ(checks->at(0).seconds, 7);
  EXPECT_FALSE(parse_checks({}));
}

TEST(Selftest, The_report_has_the_machine_and_every_record) {
  const auto one = run_one(check(3), {}, {.output = R"({"result": "yes", "n": 1})"});
  const auto report = report_of({one}, {{"kernel", "6.12"}});
  EXPECT_EQ(report.at("kernel"), "6.12");
  const auto& first = report.at("checks").at(0);
  EXPECT_EQ(first.at("outcome"), "answered");
  EXPECT_EQ(first.at("answer"), "yes");
  EXPECT_EQ(first.at("readings").at("n"), 1);
  EXPECT_EQ(first.at("question"), "question?");
}

TEST(Selftest, Options_are_passed_as_the_probe_takes_them) {
  SelftestOptions options;
  options.llm = "/a.hef";
  options.quick = true;
  EXPECT_EQ(options.to_json(),
            (boost::json::object{{"group_id", "SHARED"}, {"llm", "/a.hef"}, {"short", true}}));
}

}  // namespace
}  // namespace npu::cli
